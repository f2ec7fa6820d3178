"""What people come for, on a phone and without scripts; and the first steps of it by keyboard alone."""

import os
import urllib.parse

from playwright.sync_api import sync_playwright

from world import PASSWORD, Report, Visitor, origin, picture, sql

REGION = "academy"
LISTENER = "/admin/deliveries/courses.count-learners"
report = Report()


class Person:
    """Somebody at a phone."""

    def __init__(self, browser, name=None, **options):
        self.page = browser.new_context(viewport={"width": 390, "height": 844}, accept_downloads=True, **options).new_page()
        self.page.set_default_timeout(10_000)
        if name:
            self.sign_in(name)

    def go(self, path):
        self.page.goto(origin(REGION) + path)

    def press(self, name, within="main"):
        self.page.locator(within).get_by_role("button", name=name, exact=True).first.click()

    def follow(self, name, within="main"):
        self.page.locator(within).get_by_role("link", name=name, exact=True).first.click()

    def fill(self, **values):
        for name, value in values.items():
            self.page.fill(f"main [name={name}]", value)

    def sign_in(self, name, password=PASSWORD):
        self.go("/accounts/sign-in")
        self.fill(email=f"{name}@example.org", password=password)
        self.press("Sign in")

    def sees(self, text, what=""):
        there = " ".join(self.page.inner_text("body").split())
        report.check(text in there, what or f"{self.page.url}: “{text}”", f"it says: {there[:300]}" if text not in there else "")

    def sees_not(self, text):
        report.check(text not in self.page.inner_text("body"), f"{self.page.url}: “{text}”", "is still there")

    def has(self, selector, value):
        there = self.page.input_value(selector)
        report.check(there == value, f"{self.page.url}: {selector}", f"has {there!r} instead of {value!r}")

    def faults(self, *fields):
        """Each field says what is wrong with it, for people who see it and for those who have it read to them."""
        for field in fields:
            wrong = self.page.locator(f"main [name={field}]")
            report.check(wrong.get_attribute("aria-invalid") == "true", f"{self.page.url}: {field}", "is not marked as wrong")
            said = self.page.locator(f"#{(wrong.get_attribute('aria-describedby') or 'none').split()[-1]}")
            report.check(said.is_visible() and said.inner_text() != "", f"{self.page.url}: {field}", "does not say what is wrong")


def joining(browser):
    """Makes an account, with mistakes first; signs out and in; finds a course and takes a place in it."""
    person = Person(browser, java_script_enabled=False)
    person.go("/")
    person.follow("Sign in", "header")
    person.follow("Create an account")
    person.fill(name="Mary Somerville", email="mary@example", password="short")
    person.press("Create account")
    person.faults("email", "password")
    person.has("#name", "Mary Somerville")
    person.has("#email", "mary@example")
    person.has("#password", "")
    person.fill(email="mary@example.org", password="connexion of sciences")
    person.press("Create account")
    person.sees("Mary Somerville")
    person.press("Sign out", "header")
    person.sees_not("Mary Somerville")
    person.sign_in("mary", "not the pass phrase")
    person.sees("E-mail address and password do not fit together.")
    person.has("#email", "mary@example.org")
    person.fill(password="connexion of sciences")
    person.press("Sign in")
    person.sees("Mary Somerville")
    person.follow("Courses", "header")
    person.page.fill("main [name=search]", "server")
    person.press("Find")
    person.follow("Swift in a week")
    person.press("Enrol for free")
    person.page.locator("main a", has_text="Swift in a week").click()
    person.sees("You have a place in this course.")


def files(browser):
    """Brings a file, takes it away again, and removes it."""
    person = Person(browser, "ada", java_script_enabled=False)
    person.follow("My files", "header")
    content = picture(40, 30)
    person.page.set_input_files("#file", {"name": "map of the town.png", "mimeType": "image/png", "buffer": content})
    person.press("Upload")
    person.sees("map of the town.png")
    with person.page.expect_response(lambda answer: answer.status == 200) as answer:
        person.follow("map of the town.png")
    # The browser lets go of what it has shown when it leaves it: the same is fetched once more, by the same person.
    address = urllib.parse.urlsplit(answer.value.url)
    fetched = Visitor(REGION, "ada").get(f"{address.path}?{address.query}")
    report.check(fetched.body == content, "a file that is downloaded", f"is not what was uploaded: {address.path}")
    person.go("/media/files")
    person.press("Remove: map of the town.png")
    person.sees_not("map of the town.png")


def teaching(browser):
    """Writes a course, with a mistake first, changes it and publishes it."""
    person = Person(browser, "grace", java_script_enabled=False)
    person.follow("Teaching", "header")
    person.fill(title="Compilers", slug="Not A Slug", summary="From words to machines.")
    person.press("Save as draft")
    person.faults("slug")
    person.has("#title", "Compilers")
    person.has("#slug", "Not A Slug")
    person.fill(slug="compilers")
    person.press("Save as draft")
    person.follow("Change: Compilers")
    person.fill(title="", description="First a lexer.")
    person.press("Save")
    person.faults("title")
    person.has("#description", "First a lexer.")
    person.fill(title="Compilers, by hand")
    person.press("Save")
    person.go("/courses/teaching")
    person.page.locator("main li", has_text="Compilers, by hand").get_by_role("button", name="Publish").click()
    guest = Person(browser, java_script_enabled=False)
    guest.go("/courses?search=Compilers")
    guest.follow("Compilers, by hand")
    guest.sees("First a lexer.")


def administration(browser):
    """Sees to what failed, has a job run, gives a role and takes it, ends a session."""
    sql(
        REGION,
        """insert into lyceum.retry (listener, event, lane, key, payload, at, attempt, due_at, error, dead)
        select 'courses.count-learners', event, 0, 'journey-' || event, '{}', now(), 25, now(), 'it was unlucky', true
        from generate_series(920001, 920002) event;""",
    )
    Person(browser, "ada", java_script_enabled=False)
    person = Person(browser, "radia", java_script_enabled=False)
    person.follow("Administration", "header")
    person.follow("Deliveries")
    person.follow("courses.count-learners")
    person.go(f"{LISTENER}/920001")
    person.press("Skip this event")
    person.faults("reason")
    person.fill(reason="It was a trial.")
    person.press("Skip this event")
    person.sees("Event 920001 is skipped.")
    person.go(f"{LISTENER}/920002")
    person.press("Try again now")
    person.sees("Event 920002 is tried again.")
    person.follow("Jobs")
    person.page.locator("main li", has_text="media.sweep").get_by_role("link", name="Run now").click()
    person.press("Run now")
    person.sees("media.sweep")
    report.check("/admin/jobs/runs/" in person.page.url, "a job that was started", f"leads to {person.page.url}")
    person.follow("People")
    person.page.locator("main a", has_text="ada@example.org").click()
    person.page.select_option("main select[name=role]", "instructor")
    person.press("Give")
    person.press("Take away: instructor")
    person.sees_not("Take away: instructor")
    report.check(person.page.get_by_role("button", name="Take away: instructor").count() == 0, "a role", "was not taken away")
    person.press("Sign out everywhere")
    person.sees("Nowhere.")


def keys(browser):
    """Makes an access key, deletes it, and ends another session of one's own."""
    Person(browser, "grace", java_script_enabled=False)
    person = Person(browser, "grace", java_script_enabled=False)
    person.follow("Grace Hopper", "header")
    person.fill(name="", days="500")
    person.press("Make a key")
    person.faults("name", "days")
    person.has("#days", "500")
    person.fill(name="A reader", days="7")
    person.press("Make a key")
    person.sees("Copy it now: it is shown only this once.")
    person.go("/accounts/sessions")
    person.sees("A reader")
    person.page.locator("main li", has_text="A reader").get_by_role("button", name="Delete").click()
    person.sees_not("A reader")
    person.press("Sign out everywhere else")
    report.check(person.page.get_by_role("button", name="Sign out everywhere else").count() == 0, "other sessions", "were not ended")


# Whether it is seen where the keyboard is: an outline or a shadow around the element, which lies within the window.
FOCUS = """() => {
  const one = document.activeElement;
  const seen = [one, one.closest('.card, .list-group-item')].filter(Boolean).some(place => {
    const style = getComputedStyle(place);
    return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
  });
  const box = one.getBoundingClientRect();
  return {tag: one.tagName, id: one.id, name: (one.innerText || one.ariaLabel || '').trim(), href: one.getAttribute('href'),
    isSeen: seen && box.width > 0 && box.bottom > 0 && box.top < innerHeight};
}"""


def keyboard(browser):
    """Signs in and takes a place in a course with Tab, letters and Enter."""
    person = Person(browser)

    def tab_to(is_right, what):
        for _ in range(60):
            person.page.keyboard.press("Tab")
            focus = person.page.evaluate(FOCUS)
            if focus["tag"] != "BODY":
                report.check(focus["isSeen"], f"{person.page.url} by keyboard", f"nothing shows that {focus} has the focus")
            if is_right(focus):
                return
        report.check(False, f"{person.page.url} by keyboard", f"{what} is not reached")

    def enter():
        with person.page.expect_navigation():
            person.page.keyboard.press("Enter")

    person.go("/accounts/sign-in")
    person.page.keyboard.press("Tab")
    first = person.page.evaluate(FOCUS)
    report.check(first["href"] == "#main" and first["isSeen"], "the first stop of the keyboard", f"is {first}, no way to the content")
    person.page.keyboard.press("Enter")
    tab_to(lambda focus: focus["id"] == "email", "the address")
    person.page.keyboard.type("ada@example.org")
    tab_to(lambda focus: focus["id"] == "password", "the password")
    person.page.keyboard.type(PASSWORD)
    enter()
    person.sees("Ada Lovelace")
    person.go("/courses?search=SQL")
    tab_to(lambda focus: focus["name"] == "SQL that lasts", "the course")
    enter()
    tab_to(lambda focus: focus["name"] == "Enrol for free", "the button")
    enter()
    report.check(person.page.url.endswith("/courses/mine"), "a place in a course", f"leads to {person.page.url}")
    person.sees("SQL that lasts")


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"] if os.getuid() == 0 else [])
    journeys = [joining, files, teaching, administration, keys, keyboard]
    for journey in journeys:
        try:
            journey(browser)
        except Exception as error:  # A step that cannot be taken ends its journey, and the others go on.
            report.check(False, f"{journey.__name__}: {journey.__doc__}", str(error)[:800])
    browser.close()
report.end(f"{len(journeys)} journeys")
