"""Those who use the service during a soak: learners who ask and read, and a teacher who edits."""

import random
import secrets
from collections import Counter
from dataclasses import dataclass, field
from threading import Event
from urllib.parse import urlsplit

import requests
from lxml import html

from benchmarks.service import titles
from benchmarks.soak.processes import PASSWORD, TEACHER

TIMEOUT = 30.0  # seconds
GONE = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)


@dataclass
class Told:
    """What visitors were told, and so what must be found in the end."""

    runs: set[str] = field(default_factory=set)
    questions: set[str] = field(default_factory=set)
    edits: dict[str, str] = field(default_factory=dict)  # the slugs of entries, by what was written into them
    lost: Counter[str] = field(default_factory=Counter)  # requests whose answer never came
    violations: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def violate(self, sentence: str) -> None:
        """Note that something is not as it must be."""
        self.violations.append(sentence)


class Visitor:
    """Somebody who does something at random moments, until told to stop."""

    def __init__(self, address: str, told: Told, seed: int) -> None:
        self.address, self.told = address, told
        self.random = random.Random(seed)
        self.session = requests.Session()

    def visit(self, stopping: Event, pause: float) -> None:
        """Act again and again, with pauses of so many seconds on average."""
        while not stopping.wait(self.random.expovariate(1 / pause)):
            try:
                self.act()
            except GONE:
                self.told.lost[type(self).__name__.lower()] += 1
            except Exception as error:  # noqa: BLE001 - it is told as a violation
                self.told.violate(f"{type(self).__name__.lower()}: {type(error).__name__}: {error}")

    def act(self) -> None:
        """Do one thing."""
        raise NotImplementedError

    def get(self, path: str) -> requests.Response:
        """Get a page, which must not fail."""
        answer = self.session.get(self.address + path, timeout=TIMEOUT)
        self.told.counts["pages"] += 1
        if answer.status_code >= 500:
            self.told.violate(f"GET {path}: {answer.status_code}")
        return answer


class Learner(Visitor):
    """Asks what the library answers, and reads the answer and its run."""

    def act(self) -> None:
        """Ask a question, and open what it leads to."""
        title = self.random.choice(titles())
        answer = self.session.post(f"{self.address}/api/questions", json={"question": title}, timeout=TIMEOUT)
        if answer.status_code != 201:
            self.told.violate(f"a question was answered {answer.status_code}: {answer.text[:200]}")
            return
        report = answer.json()
        self.told.questions.add(report["question_url"].rpartition("/")[2])
        if report["run_url"]:
            self.told.runs.add(report["run_url"].rpartition("/")[2])
        for path in (urlsplit(report["question_url"]).path, self.random.choice(("/", "/entries", "/?q=neurons"))):
            self.get(path)


class Teacher(Visitor):
    """Writes a sentence of its own into entries, each on top of all that was saved before."""

    def act(self) -> None:
        """Edit an entry."""
        slug = self.random.choice(self._slugs())
        path = f"/admin/entries/{slug}/edit"
        page = self.get(path)
        if "/sign-in" in page.url:
            self._sign_in(page)
            page = self.get(path)
        written = f"soak {secrets.token_hex(6)}"
        typed = form_of(page, path)
        typed["explanation"] += f"\n\nThis is {written}.\n"
        typed |= {"reason": written, "action": "save"}
        try:
            answer = self.session.post(self.address + path, data=typed, timeout=TIMEOUT, allow_redirects=False)
        except GONE:
            self.told.lost["edit"] += 1  # it may be stored, and then others build on it
            return
        if answer.status_code == 303:
            self.told.edits[written] = slug
        else:
            self.told.violate(f"an edit of {slug} was answered {answer.status_code}")

    def _slugs(self) -> list[str]:
        page = html.fromstring(self.get("/entries").content)
        return sorted({link.rpartition("/")[2] for link in page.xpath("//main//a/@href") if "/entries/" in link})

    def _sign_in(self, page: requests.Response) -> None:
        typed = form_of(page, "/admin/sign-in") | {"name": TEACHER, "password": PASSWORD}
        self.session.post(f"{self.address}/admin/sign-in", data=typed, timeout=TIMEOUT)


def form_of(page: requests.Response, action: str) -> dict[str, str]:
    """Return what the form of a page that goes to ``action`` would send."""
    forms = {urlsplit(form.action or "").path: form for form in html.fromstring(page.content).forms}
    if action not in forms:
        raise LookupError(f"no form goes to {action} in {page.url} ({page.status_code})")
    return dict(forms[action].form_values())
