"""The running installation that these programs look at: its regions, its people and its database."""

import dataclasses
import html.parser
import http.client
import json
import os
import re
import struct
import subprocess
import urllib.parse
import zlib

PORT = int(os.environ["LYCEUM_TEST_PORT"])
STATE = os.environ["LYCEUM_STATE"]
REPOSITORY = os.environ["LYCEUM_TEST_REPOSITORY"]
# A region in English and the same in Arabic, which is read from right to left.
REGIONS = ["academy", "madrasa"]
# Who visits, from whom may do least to whom may do most; the example data's people.
ROLES = {"guest": None, "learner": "ada", "instructor": "grace", "admin": "radia"}
PASSWORD = "lyceum-demo"


def origin(region):
    return f"http://{region}.localhost:{PORT}"


def lyceum(*words):
    """What the installation's own command says."""
    return subprocess.run([os.path.join(REPOSITORY, "lyceum"), *words], check=True, text=True, capture_output=True).stdout


def sql(region, statement):
    """Runs statements in a region's database, as the user whom it belongs to."""
    become = ["setpriv", "--reuid=lyceum", "--regid=lyceum", "--init-groups", "--"] if os.getuid() == 0 else []
    words = ["psql", "-h", f"{STATE}/run/postgres", "-d", f"lyceum_{region}", "-qAt", "-v", "ON_ERROR_STOP=1", "-f", "-"]
    ran = subprocess.run(become + words, input=statement, text=True, capture_output=True, cwd="/")
    if ran.returncode != 0:
        raise RuntimeError(ran.stderr)
    return ran.stdout.strip()


class Places(html.parser.HTMLParser):
    """Where a page leads by links and by forms that only ask, and the token of its forms."""

    def __init__(self, text):
        super().__init__()
        self.links = []
        self.token = None
        # The elements of which the page is made, by name and classes.
        self.kinds = set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        has = dict(attributes)
        self.kinds.add((tag, has.get("class"), has.get("type"), has.get("role")))
        if tag == "a" and has.get("href"):
            self.links.append(has["href"])
        if tag == "form" and has.get("method", "get") == "get" and has.get("action"):
            self.links.append(has["action"])
        if tag == "input" and has.get("name") == "form_token":
            self.token = has.get("value")


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict
    body: bytes

    @property
    def text(self):
        return self.body.decode()

    @property
    def is_page(self):
        return self.headers.get("content-type", "").startswith("text/html")


class Visitor:
    """Somebody with a browser's cookie, and with a token for the API; without a name a guest."""

    def __init__(self, region, name=None, password=PASSWORD):
        self.region, self.cookie, self.token = region, None, None
        if name:
            person = {"email": f"{name}@example.org", "password": password}
            answer = self.post("/accounts/sign-in", person)
            assert answer.status == 303, f"{name} cannot sign in: {answer.status}"
            self.cookie = answer.headers["set-cookie"].split(";")[0]
            self.token = json.loads(self.ask("POST", "/api/accounts/sessions", person).body)["token"]

    def send(self, method, target, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
        sent = {"Host": f"{self.region}.localhost:{PORT}", **(headers or {})}
        if self.cookie and "Authorization" not in sent:
            sent["Cookie"] = self.cookie
        try:
            connection.request(method, target, body, sent)
            answer = connection.getresponse()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def get(self, target):
        return self.send("GET", target)

    def post(self, target, fields, token=None):
        pairs = list(fields.items()) if isinstance(fields, dict) else list(fields)
        if token:
            pairs.append(("form_token", token))
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.send("POST", target, urllib.parse.urlencode(pairs), kind)

    def submit(self, page, target, fields):
        """Sends a form with the token of the page on which it stands."""
        return self.post(target, fields, Places(self.get(page).text).token)

    def attach(self, page, target, name, content, kind="application/octet-stream"):
        """Sends a file by the form of a page."""
        mark = "part-of-a-form"
        token = Places(self.get(page).text).token
        quoted = name.replace("\\", "\\\\").replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        body = (
            f'--{mark}\r\nContent-Disposition: form-data; name="form_token"\r\n\r\n{token}\r\n'
            f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{quoted}"\r\n'
            f"Content-Type: {kind}\r\n\r\n"
        ).encode() + content + f"\r\n--{mark}--\r\n".encode()
        return self.send("POST", target, body, {"Content-Type": f"multipart/form-data; boundary={mark}"})

    def ask(self, method, target, value=None, **headers):
        """Asks the API, with the token where there is one."""
        sent = {"Content-Type": "application/json", **{name.replace("_", "-"): text for name, text in headers.items()}}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        return self.send(method, target, None if value is None else json.dumps(value), sent)


def routes():
    """The addresses of pages that are looked at, of every region: what the installation itself lists."""
    found = json.loads(lyceum("routes", "--json"))
    return [route for route in found if route["method"] == "GET" and not route["path"].startswith("/api/")]


def matches(pattern, path):
    """Whether a path is one of a route's."""
    there, here = pattern.strip("/").split("/"), path.strip("/").split("/")
    return len(there) == len(here) and all(a == b or (a.startswith("{") and b) for a, b in zip(there, here))


def route_of(patterns, path):
    """The route that a path belongs to: the one with the fewest parameters, as the router takes it."""
    fitting = [pattern for pattern in patterns if matches(pattern, path)]
    return min(fitting, key=lambda pattern: (pattern.count("{"), pattern)) if fitting else None


def picture(width=64, height=48):
    """A PNG with a gradient."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = b"".join(
        b"\0" + bytes(byte for x in range(width) for byte in (x * 255 // width, y * 255 // height, 120)) for y in range(height)
    )
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


class Report:
    """What was looked at, and what is wrong with it."""

    def __init__(self):
        self.passed, self.failed = 0, 0

    def check(self, is_right, what, reason=""):
        if is_right:
            self.passed += 1
        else:
            self.failed += 1
            print(f"  ✘ {what}" + (f": {reason}" if reason else ""), flush=True)

    def end(self, about):
        print(about)
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        raise SystemExit(1 if self.failed else 0)


def slug(text):
    """A name for a file."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "home"
