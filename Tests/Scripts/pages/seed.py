"""What the regions hold besides the example data, so that no page is empty."""

import json
import re
import urllib.parse

from world import ROLES, Visitor, lyceum, origin, picture, sql

# An error as it is kept with an event: the outermost first, a statement with the place where it went wrong.
CAUSES = {
    "causes": [
        {"kind": "FailedStep", "sentence": "the learners cannot be counted"},
        {
            "kind": "DatabaseError", "sentence": "column \"lerners\" does not exist (42703)", "sqlState": "42703",
            "statement": "update courses.course set learners = lerners + 1 where id = $1", "position": 38,
        },
    ]
}


def fill(region):
    """Fills a region, and answers its people and the addresses that no page links to."""
    people = {role: Visitor(region, name) for role, name in ROLES.items()}
    learner, instructor, admin = people["learner"], people["instructor"], people["admin"]
    courses = json.loads(learner.ask("GET", "/api/courses?limit=50").body)["items"]
    free = [course for course in courses if course["price"]["amount"] == 0]
    for course in free[:2]:
        target = f"/courses/{course['id']}"
        assert learner.submit(target, f"{target}/enrollment", {}).status == 303
    draft = {"title": "A draft of Grace's", "slug": "draft", "summary": "Not finished yet.", "level": "beginner"}
    assert instructor.submit("/courses/teaching", "/courses/teaching", draft).status == 303
    for person, name in ((learner, "holiday in the mountains.png"), (admin, "plan.png")):
        assert person.attach("/media/files", "/media/files", name, picture(), "image/png").status == 303
    assert learner.attach("/media/files", "/media/files", "notes.txt", b"What I learnt today.\n", "text/plain").status == 303
    for person in (learner, admin):
        key = {"name": "My calendar", "days": "30", "scopes": "write"}
        assert person.submit("/accounts/sessions", "/accounts/keys", key).status == 200
    # A listener that failed: once for good, once to be tried again; a run that came to nothing; and a listener nobody has.
    sql(
        region,
        f"""
        insert into lyceum.retry (listener, event, lane, key, payload, at, attempt, due_at, error, causes, dead)
        values ('courses.count-learners', 900001, 0, '{free[0]["id"]}', '{{"course": "{free[0]["id"]}"}}', now(), 25, now(),
                'the learners cannot be counted', '{json.dumps(CAUSES)}', true),
               ('courses.count-learners', 900002, 0, '{free[1]["id"]}', '{{"course": "{free[1]["id"]}"}}', now(), 3,
                now() + interval '1 day', 'the learners cannot be counted', null, false);
        insert into lyceum.job (id, plugin, job, payload, due_at)
        values ('01980c2e-7d4a-7c3e-9a51-6f0b8a2d4c11', 'media', 'media.sweep', '{{}}', now() + interval '1 day');
        update lyceum.job set state = 'dead', ended_at = now(), error = 'the directory cannot be read'
        where id = '01980c2e-7d4a-7c3e-9a51-6f0b8a2d4c11';
        insert into lyceum.cursor (listener, lane, lanes, plugin, topic, major, done, done_xid, done_head, since, mark)
        select 'gone.announce', lane, lanes, 'gone', topic, major, done, done_xid, done_head, since, mark
        from lyceum.cursor where listener = 'courses.count-learners';
        """,
    )
    said = lyceum("user", "invite", "--region", region, "--email", "new@example.org", "--address", origin(region))
    link = urllib.parse.urlsplit(re.search(r"http://\S+", said).group())
    return people, [f"{link.path}?{link.query}"]

