"""Visits every page as everybody who may see it: nothing is out of order for people who see it or have it read to them.

The pages are those that the installation lists; the addresses with which they are filled are found by following links, so that
a page to which nothing leads is missed. Each is looked at on a phone and on a desk, in light colours and in dark ones.
"""

import asyncio
import os
import urllib.parse

import axe_playwright_python
from playwright.async_api import async_playwright

import seed
from world import REGIONS, Places, Report, origin, route_of, routes, slug

AXE = open(os.path.join(os.path.dirname(axe_playwright_python.__file__), "axe.min.js"), encoding="utf-8").read()
SCREENSHOTS = os.environ.get("LYCEUM_SCREENSHOTS")
WIDTHS = {390: 844, 1280: 900}
# How many addresses of one route are asked for, and how many pages a crawl may have at the most.
SIMILAR, MOST = 3, 400
# Routes that no page leads to, with the reason.
UNLINKED = {}

report = Report()


def crawl(visitor, role, starts, patterns):
    """Follows links as one role: the pages found, and an address of each route that answers something else than a page."""
    found, others, counts, open_, seen = [], {}, {}, list(starts), set(starts)
    while open_ and len(seen) < MOST:
        target = open_.pop(0)
        answer = visitor.get(target)
        route = kind_of(target, patterns)[0]
        if answer.status in (301, 302, 303, 307):
            leads = [answer.headers["location"]]
            others.setdefault(route, target)
        else:
            report.check(answer.status == 200, f"{visitor.region} as {role}: {target}", f"a link leads to {answer.status}")
            if not answer.is_page:
                others.setdefault(route, target)
                continue
            page = Places(answer.text)
            found.append((route, target, page.kinds))
            leads = page.links
        for link in leads:
            link = urllib.parse.urldefrag(urllib.parse.urljoin(origin(visitor.region) + target, link)).url
            if not link.startswith(origin(visitor.region) + "/"):
                continue
            link = link[len(origin(visitor.region)) :]
            kind = kind_of(link, patterns)
            if link in seen or link.startswith("/api/") or counts.get(kind, 0) >= SIMILAR:
                continue
            counts[kind] = counts.get(kind, 0) + 1
            seen.add(link)
            open_.append(link)
    return found, others


def kind_of(target, patterns):
    """The route of an address, and the names in its query."""
    parts = urllib.parse.urlsplit(target)
    return route_of(patterns, parts.path) or parts.path, tuple(sorted({name for name, _ in urllib.parse.parse_qsl(parts.query)}))


class Looks:
    """A browser's window, in which one page after another is looked at."""

    def __init__(self, browser, region, role, cookie, locale):
        self.browser, self.region, self.role, self.cookie, self.locale = browser, region, role, cookie, locale

    async def open(self):
        # Without motion colours change at once.
        self.context = await self.browser.new_context(reduced_motion="reduce", locale=self.locale)
        if self.cookie:
            name, value = self.cookie.split("=", 1)
            await self.context.add_cookies([{"name": name, "value": value, "url": origin(self.region)}])
        self.page = await self.context.new_page()
        self.said = []
        self.page.on("console", lambda message: self.hear(message))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("requestfailed", lambda request: self.said.append(f"{request.url}: {request.failure}"))
        return self

    def hear(self, message):
        # That a page itself is an error is not news.
        if message.type in ("error", "warning") and message.location.get("url") != self.page.url:
            self.said.append(message.text)

    async def visit(self, target, name, status=200):
        """Looks at an address in all sizes and colours."""
        self.said.clear()
        answer = await self.page.goto(origin(self.region) + target, wait_until="load")
        where = f"{self.region} as {self.role}: {target}"
        report.check(answer.status == status, where, f"answers {answer.status} instead of {status}")
        await self.look(where, f"{self.region}-{self.role}-{name}")
        report.check(not self.said, where, "; ".join(self.said))

    async def look(self, where, name):
        """Looks at what is shown now."""
        await self.page.evaluate(AXE)
        for width, height in WIDTHS.items():
            await self.page.set_viewport_size({"width": width, "height": height})
            wide = await self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            report.check(wide == 0, f"{where} at {width}", f"it is {wide} pixels too wide")
            # Which way a page is read changes no colours: those are looked at in one of the regions.
            for scheme in ("light", "dark") if self.region == REGIONS[0] or SCREENSHOTS else ("light",):
                await self.page.emulate_media(color_scheme=scheme)
                # What does not depend on colours is asked once for each width.
                only = "" if scheme == "light" else "runOnly: ['color-contrast', 'link-in-text-block'], "
                found = await self.page.evaluate(
                    "async () => (await axe.run({%sresultTypes: ['violations']})).violations"
                    ".map(one => `${one.id} (${one.impact}): ${one.nodes.slice(0, 3).map(node => node.html).join(' ')}`)" % only
                )
                report.check(not found, f"{where} at {width}, {scheme}", "; ".join(found)[:600])
                if SCREENSHOTS:
                    await self.page.screenshot(path=f"{SCREENSHOTS}/{name}-{width}-{scheme}.png", full_page=True)


def refused(visitor, role, target, status):
    answer = visitor.get(target)
    report.check(answer.status == status, f"{visitor.region} as {role}: {target}", f"answers {answer.status} instead of {status}")


async def main():
    listed = routes()
    jobs = []
    for region in REGIONS:
        people, unlinked = seed.fill(region)
        patterns = [route["path"] for route in listed if route["region"] == region] + ["/", "/api"]
        reached, shown = {}, set()
        for role, visitor in people.items():
            found, others = crawl(visitor, role, ["/", *(["/api", *unlinked] if role == "guest" else [])], patterns)
            for route, target in others.items():
                reached.setdefault(route, target)
            for number, (route, target, kinds) in enumerate(found):
                # Another page of a route is looked at where it has something that none before had.
                if route not in reached or kinds - shown:
                    jobs.append((region, role, visitor.cookie, target, f"{slug(route)}-{number}", 200))
                reached[route] = target
                shown |= kinds
        for route in patterns:
            report.check(route in reached or route in UNLINKED, f"{region}: {route}", "no link leads to it")
            access = next((one["access"] for one in listed if one["path"] == route), "public")
            if route in reached and access != "public":
                refused(people["guest"], "guest", reached[route], 303)
                if access != "authenticated":
                    refused(people["learner"], "learner", reached[route], 403)
        jobs.append((region, "learner", people["learner"].cookie, "/admin/jobs", "forbidden", 403))
        jobs.append((region, "guest", None, "/nowhere", "missing", 404))
        jobs.append((region, "guest", None, "/courses?level=none&after=x", "wrong", 422))
        jobs.append((region, "guest", None, "/courses?search=nothing+like+this", "nothing-found", 200))
    async with async_playwright() as playwright:
        words = ["--no-sandbox"] if os.getuid() == 0 else []
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=words)
        waiting = sorted(jobs, key=lambda job: job[3] != "/api")

        async def work():
            windows = {}
            while waiting:
                region, role, cookie, target, name, status = waiting.pop(0)
                if (region, role) not in windows:
                    windows[region, role] = await Looks(browser, region, role, cookie, "en-GB").open()
                await windows[region, role].visit(target, name, status)

        await asyncio.gather(work(), work())
        await browser.close()
    report.end(f"{len(jobs)} pages in {len(REGIONS)} regions")


asyncio.run(main())
