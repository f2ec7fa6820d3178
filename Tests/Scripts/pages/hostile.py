"""Stores hostile texts wherever people can write, and looks at every page that shows them, with scripts allowed.

Nothing of a text may run or become an element, what is shown is what was stored, and what no text may have is refused.
"""

import asyncio
import json
import os
import urllib.parse

from playwright.async_api import async_playwright

from world import ROLES, Report, Visitor, origin, sql

REGION = "academy"
RUN = "window.__pwned=1"
TEXTS = [
    f"<script>{RUN}</script>", f"</script><script>{RUN}</script>", f"<img src=x onerror={RUN}>", f"--><img src=x onerror={RUN}>",
    f"<!--><img src=x onerror={RUN}>", f"<svg onload={RUN}>", f"<svg/onload={RUN}//", f"]]><img src=x onerror={RUN}>",
    f"</title><img src=x onerror={RUN}>", f"</textarea><img src=x onerror={RUN}>", f"</noscript><img src=x onerror={RUN}>",
    f'"><img src=x onerror={RUN}>', f"'><img src=x onerror={RUN}>", f'" onmouseover="{RUN}', f"' onfocus='{RUN}' autofocus='",
    f'" autofocus onfocus={RUN} x="', f'"\u0301 autofocus onfocus={RUN} x="', f"'\u20dd autofocus onfocus={RUN} x='",
    f"<\u0338script>{RUN}</script>", f"\u0600<script>{RUN}</script>", f"<scr\u00adipt>{RUN}</script>", f"javascript:{RUN}",
    f"JaVaScRiPt:{RUN}//http://", f"data:text/html,<script>{RUN}</script>", f"//evil.example/{RUN}", f"](javascript:{RUN})",
    f"<a href=javascript:{RUN}>x</a>", f"<iframe srcdoc='<script>parent.{RUN[7:]}</script>'>", "<base href=//evil.example/>",
    f"<meta http-equiv=refresh content=0;url=javascript:{RUN}>", f"<button formaction=javascript:{RUN}>x</button>",
    "{{user.name}}{{{page}}}{{&region}}", "{{#user}}{{/user}}{{=<% %>=}}<% user %>", "{{t lyceum.skip}}{{> lyceum.layout}}",
    f"${{{RUN}}}`+{RUN}+`", f"';{RUN};'", f'";{RUN};"', f"\\';{RUN}//", "\\u003cscript\\u003e", f"%3Cscript%3E{RUN}%3C/script%3E",
    f"&lt;img src=x onerror={RUN}&gt;", f"&#60;img src=x onerror={RUN}&#62;", "&amp;amp;&quot;&#39;", "&CounterClockwiseContourIntegral;",
    "'; drop table courses.course; --", "%s%n%x {0} $1 \\1", "../../../etc/passwd", "“quotes” ‘of’ «all» „kinds‟ 「and」 ʼmore`",
    "a\u200db\u200cc\u200ed\u200fe", "Z\u0351\u034b\u0349a\u0346\u0339l\u0357\u0325g\u0350\u0349o\u033e", "👩\u200d👩\u200d👧\u200d👦 🏴",
    "W" * 180, "ا" * 60 + "<b>" + "א" * 60, "\ufffd\ufdd0\U0001fffe", "= cmd|' /C calc'!A0", "@SUM(1+1)*cmd",
]
# So many of them become elements or attributes where they are not escaped.
SEEN = 18
# What no text of one line may have: line ends, control characters, what turns the direction, what nobody sees.
REFUSED = ["a\u2028b", "a\u2029b", "a\nb", "a\tb", "a\u0000b", "a\u001b[31mb", "a\u0085b", "a\u202eb", "a\u2066b", "a\u200bb", "a\ufeffb"]

# Everything in a document that a text may have made, and nothing that a page of ours has.
FOREIGN = """() => {
  const found = [];
  for (const one of document.querySelectorAll('*')) {
    for (const {name, value} of one.attributes) {
      if (name.startsWith('on') || ['srcdoc', 'formaction', 'http-equiv', 'autofocus', 'style'].includes(name)) found.push(one.outerHTML);
      if (['href', 'src', 'action', 'data'].includes(name) && new URL(value, location).origin !== location.origin) found.push(one.outerHTML);
    }
    if (['IFRAME', 'OBJECT', 'EMBED', 'BASE', 'MATH', 'B'].includes(one.tagName)) found.push(one.outerHTML);
    if (one.tagName === 'SCRIPT' && !(one.getAttribute('src') || '').startsWith('/assets/')) found.push(one.outerHTML);
    if (one.tagName === 'svg') found.push(one.outerHTML);
  }
  if (window.__pwned !== undefined) found.push('it ran');
  return found.concat(window.__refused);
}"""
WATCH = "window.__refused = []; addEventListener('securitypolicyviolation', event => __refused.push('the policy refused ' + event.blockedURI))"

report = Report()


def write(number, text, people):
    """Writes a text wherever somebody may, and answers where it is shown: an address, a selector or none, what stands there."""
    learner, instructor, admin = people["learner"], people["instructor"], people["admin"]
    shown = []
    category = instructor.ask("POST", "/api/courses/categories", {"name": text[:100], "slug": f"hostile-{number}"})
    report.check(category.status == 201, f"a category named {text!r}", category.text[:200])
    lines = f"{text}\n\n{text}"
    draft = {
        "title": text, "slug": f"hostile-{number}", "summary": text, "description": lines, "level": "beginner",
        "category": json.loads(category.body)["id"], "price": {"amount": 0, "currency": "USD"},
    }
    made = instructor.ask("POST", "/api/courses", draft)
    report.check(made.status == 201, f"a course named {text!r}", made.text[:200])
    course = f"/courses/{json.loads(made.body)['id']}"
    assert instructor.ask("POST", f"/api{course}/publication").status in (200, 204)
    shown.append(("instructor", course, {"h1": text, ".lead": text, ".ly-text": lines}))
    shown.append(("instructor", f"{course}/edit", {"#title": text, "#summary": text, "#description": lines}))
    name = {"name": text[:100], "email": f"hostile-{number}@example.org", "password": "lyceum-demo"}
    joined = people["guest"].ask("POST", "/api/accounts/registrations", name)
    report.check(joined.status == 201, f"a person named {text!r}", joined.text[:200])
    person = sql(REGION, f"select id from accounts.account where email = 'hostile-{number}@example.org'")
    shown.append(("admin", f"/admin/accounts/people/{person}", {"h1": text[:100]}))
    key = learner.submit("/accounts/sessions", "/accounts/keys", [("name", text[:100]), ("days", "1"), ("scopes", "write")])
    report.check(key.status == 200, f"a key named {text!r}", str(key.status))
    added = learner.attach("/media/files", "/media/files", text[:100] + ".txt", f"file {number}\n".encode(), "text/plain")
    report.check(added.status == 303, f"a file named {text!r}", str(added.status))
    with_agent = {"User-Agent": text.encode("ascii", "replace").decode(), "Content-Type": "application/x-www-form-urlencoded"}
    sign_in = urllib.parse.urlencode({"email": "ada@example.org", "password": "lyceum-demo"})
    signed = people["guest"].send("POST", "/accounts/sign-in", sign_in, with_agent)
    report.check(signed.status == 303, f"a browser that calls itself {text!r}", str(signed.status))
    quoted = text.replace("'", "''")
    payload = json.dumps({"course": text}).replace("'", "''")
    causes = json.dumps({"causes": [{"kind": text, "sentence": text, "statement": text, "position": 3}]}).replace("'", "''")
    event = 910_000 + number
    sql(
        REGION,
        f"""insert into lyceum.retry (listener, event, lane, key, payload, at, attempt, due_at, error, causes, dead)
        values ('courses.count-learners', {event}, 0, '{quoted}', '{payload}', now(), 25, now(), '{quoted}', '{causes}', true);""",
    )
    listener = "/admin/deliveries/courses.count-learners"
    shown.append(("admin", f"{listener}/{event}", {".ly-causes strong": text, "pre.ly-code": text}))
    if number % 4 == 0:
        skipped = admin.submit(f"{listener}/{event}", f"{listener}/{event}/skip", {"reason": text})
        report.check(skipped.status == 303, f"a reason {text!r}", str(skipped.status))
        shown.pop()
    return shown


def asked(text):
    """Addresses that have a text in the query or in the path, with the field that keeps it."""
    query = urllib.parse.quote(text, safe="")
    yield "guest", f"/courses?search={query}", {"#search, [name=search]": text} if len(text) <= 100 else {}
    yield "guest", f"/courses?{query}=1", {}
    yield "guest", f"/accounts/sign-in?return={query}", {}
    yield "guest", f"/{query}", {}
    yield "admin", f"/admin/accounts/people?search={query}", {}
    yield "admin", f"/admin/events?event=courses.enrollment.created%20v1&key={query}", {}
    yield "admin", f"/admin/audit?entity={query}&account={query}&from={query}", {}
    yield "admin", f"/admin/deliveries/{query}", {}


def refuse(people):
    """What no text may have is refused in every field, and so are bytes that are no text."""
    for text in REFUSED:
        name = {"name": text, "email": "refused@example.org", "password": "lyceum-demo"}
        answers = {
            "a name": people["guest"].ask("POST", "/api/accounts/registrations", name),
            "a name in a form": people["guest"].post("/accounts/register", name),
            "a title": people["instructor"].ask("POST", "/api/courses", {"title": text, "slug": "refused"}),
            "a key": people["learner"].submit("/accounts/sessions", "/accounts/keys", {"name": text, "days": "1"}),
            "a search": people["guest"].get(f"/courses?search={urllib.parse.quote(text)}"),
        }
        for what, answer in answers.items():
            report.check(answer.status in (400, 422), f"{what} with {text!r}", f"answers {answer.status}")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for what, answer in {
        "a form": people["guest"].send("POST", "/accounts/register", b"name=%FF%FE&email=a%40example.org&password=lyceum-demo", form),
        "raw bytes in a form": people["guest"].send("POST", "/accounts/register", b"name=\xff\xfe&email=a", form),
        "JSON": people["guest"].send(
            "POST", "/api/accounts/registrations", b'{"name": "\xff\xfe"}', {"Content-Type": "application/json"}
        ),
        "a query": people["guest"].get("/courses?search=%FF"),
        "a path": people["guest"].get("/courses/%FF%FE"),
    }.items():
        report.check(answer.status in (400, 404, 422), f"invalid UTF-8 in {what}", f"answers {answer.status}")


async def main():
    people = {role: Visitor(REGION, name) for role, name in ROLES.items()}
    waiting = []
    for number, text in enumerate(TEXTS):
        # Of what only asks, each address has every fourth text.
        waiting += write(number, text, people) + list(asked(text))[number % 4 :: 4]
    refuse(people)
    listener = "/admin/deliveries/courses.count-learners"
    waiting += [("learner", "/accounts/sessions", {}), ("learner", "/media/files", {}), ("admin", "/media/usage", {})]
    waiting += [("admin", "/admin/audit", {}), ("admin", listener, {}), ("guest", "/courses", {}), ("admin", "/admin/accounts/people", {})]
    waiting += [("instructor", "/courses/teaching", {}), ("guest", "/api", {})]
    count = len(waiting)
    names = {person["name"] for person in json.loads(people["learner"].ask("GET", "/api/accounts/sessions?limit=100").body)["items"]}
    for text in TEXTS:
        report.check(text[:100].strip() in names, "the API answers a key's name as it was given", repr(text))
    async with async_playwright() as playwright:
        words = ["--no-sandbox"] if os.getuid() == 0 else []
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=words)

        # What looks for foreign elements finds them, where a text is not escaped.
        page = await (await browser.new_context()).new_page()
        await page.add_init_script(WATCH)
        await page.goto(origin(REGION) + "/courses")
        for text in TEXTS[:SEEN]:
            seen = False
            for before, after in (("", ">"), ('<i title="', '">'), ("<i title='", "'>")):
                await page.evaluate("html => { document.body.innerHTML = html; }", before + text + after)
                seen = seen or bool(await page.evaluate(FOREIGN))
            report.check(seen, "the check for foreign elements", f"is blind to {text!r}")

        async def work():
            pages, said = {}, []
            for role, visitor in people.items():
                context = await browser.new_context()
                await context.add_init_script(WATCH)
                if visitor.cookie:
                    name, value = visitor.cookie.split("=", 1)
                    await context.add_cookies([{"name": name, "value": value, "url": origin(REGION)}])
                pages[role] = await context.new_page()
                pages[role].on("dialog", lambda dialog: said.append(dialog.message))
            while waiting:
                role, target, expected = waiting.pop(0)
                page, where = pages[role], f"as {role}: {target}"
                answer = await page.goto(origin(REGION) + target, wait_until="domcontentloaded")
                report.check(answer.status < 500, where, f"answers {answer.status}")
                report.check(page.url.startswith(origin(REGION)), where, f"leads to {page.url}")
                found = await page.evaluate(FOREIGN)
                report.check(not found and not said, where, "; ".join(found + said)[:400])
                said.clear()
                for selector, text in expected.items():
                    there = await page.eval_on_selector_all(
                        selector, "all => all.map(one => one.matches('input, textarea') ? one.value : one.textContent)"
                    )
                    # JSON has its own way to write some characters.
                    stored = json.dumps(text, ensure_ascii=False)[1:-1] if selector.startswith("pre") else text
                    right = any(stored == one or (selector.startswith("pre") and stored in one) for one in there)
                    report.check(right, f"{where} {selector}", f"shows {there!r} instead of {text!r}"[:400])

        await asyncio.gather(work(), work())
        await browser.close()
    report.end(f"{len(TEXTS)} hostile texts on {count} pages")


asyncio.run(main())
