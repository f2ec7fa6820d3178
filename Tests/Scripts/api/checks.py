"""What is asked of every answer besides schemathesis's own checks."""

import os

import schemathesis

# Faults that no JSON schema can foresee: what a text may consist of, what is a cursor, rules that a type has in words; and
# what plugins say themselves, which has their name before a dot.
UNFORESEEN = {"characters", "blank", "cursor", "invalid"}

# Whose token is sent: guest, learner or admin.
ROLE = os.environ["LYCEUM_TEST_ROLE"]


@schemathesis.serializer("application/offset+octet-stream")
def octets(ctx, value):
    """A part of an upload is any bytes."""
    return {"data": value if isinstance(value, bytes) else str(value).encode()}


@schemathesis.check
def refused_for_a_reason(ctx, response, case):
    """What fits the document is refused as 400 or 422 only for what the document cannot say."""
    if response.status_code not in (400, 422) or case.meta is None or case.meta.generation.mode.is_negative:
        return
    problem = response.json()
    for error in problem.get("errors", []):
        # Where any JSON is accepted, it still is JSON that can be kept: of whole numbers those of 64 bits, and not too deep.
        if error["code"] == "syntax" and any(words in error["detail"] for words in ("whole number outside", "deep")):
            continue
        # To JSON Schema 1.0 is a whole number.
        fraction = error["code"] == "type" and "with a fraction" in error["detail"]
        known = error["code"] in UNFORESEEN or "." in error["code"] or fraction
        assert known, f"{error['pointer']} was refused ({error['code']}) though it fits the document: {error['detail']}"


@schemathesis.check
def kept_from_others(ctx, response, case):
    """Who lacks a permission gets nothing but 401 or 403, whatever else is right or wrong with what they send."""
    if case.method.lower() != case.operation.method.lower() or response.status_code in (404, 405, 414):
        return  # Another method, another path, or an address that nginx does not pass on.
    definition = case.operation.definition.raw
    security = definition.get("security", case.operation.schema.raw_schema.get("security"))
    if ROLE == "guest" and {} not in security:
        assert response.status_code == 401, f"a guest got {response.status_code}"
    if ROLE == "learner" and "x-permission" in definition:
        assert response.status_code in (401, 403), f"a learner got {response.status_code}"


@schemathesis.check
def a_problem(ctx, response, case):
    """Every refusal says why, for programs and for people, under the status it is sent with."""
    if response.status_code < 400:
        return
    assert response.headers["content-type"][0] == "application/problem+json", response.headers["content-type"]
    problem = response.json()
    assert problem["status"] == response.status_code and problem["code"] and problem["title"]
