"""Teachers who are signed in, and forms as a browser without JavaScript sends them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from assistant.accounts import accounts
from assistant.database import db
from assistant.library import queries
from assistant.library.tables import RevisionRow

SESAME = "correct horse battery"
SLUG = "why-neurons-differ"
EDIT = f"/admin/entries/{SLUG}/edit"


@dataclass
class FoundForm:
    """A form of a page: where it goes, and what it sends unless somebody types."""

    action: str
    method: str
    pairs: list[tuple[str, str]] = field(default_factory=list)


class Forms(HTMLParser):
    """Reads the forms of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[FoundForm] = []
        self._inside = False
        self._area: str | None = None
        self._text = ""
        self._select: str | None = None
        self._options: list[tuple[str, bool]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(FoundForm(given.get("action", ""), given.get("method", "get")))
            self._inside = True
        elif tag == "textarea" and self._inside:
            self._area, self._text = given.get("name"), ""
        elif tag == "select" and self._inside:
            self._select, self._options = given.get("name"), []
        elif tag == "option" and self._select:
            self._options.append((given.get("value", ""), "selected" in given))
        elif tag == "input" and self._inside and given.get("name"):
            sent = given.get("type") not in {"radio", "checkbox"} or "checked" in given
            self.forms[-1].pairs += [(given["name"], given.get("value", ""))] if sent else []

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "textarea" and self._area:
            self.forms[-1].pairs.append((self._area, self._text.removeprefix("\n")))
            self._area = None
        elif tag == "select" and self._select:
            chosen = next((value for value, selected in self._options if selected), None)
            first = self._options[0][0] if self._options else ""
            self.forms[-1].pairs.append((self._select, first if chosen is None else chosen))
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._area:
            self._text += data


def form_in(page: TestResponse, action: str) -> dict[str, str]:
    """Return what the form that goes to ``action`` would send."""
    found = next((each for each in Forms(page.text).forms if each.action == action), None)
    assert found is not None, f"no form goes to {action}: {[each.action for each in Forms(page.text).forms]}"
    return dict(found.pairs)


@dataclass
class Desk:
    """A teacher's browser, without JavaScript."""

    client: FlaskClient

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, **options)

    def send(self, page: str | TestResponse, action: str, /, **typed: str) -> TestResponse:
        """Open a page, or take one that is open, type into its form that goes to ``action``, and send it."""
        opened = self.client.get(page) if isinstance(page, str) else page
        return self.client.post(action, data=form_in(opened, action) | typed)

    def save(self, slug: str = SLUG, **typed: str) -> TestResponse:
        """Edit an entry, and save it."""
        path = f"/admin/entries/{slug}/edit"
        return self.send(path, path, **({"reason": "To see what happens."} | typed))


SCRIPT = "<script>alert(1)</script>"
MARKUP = f'{SCRIPT}"><img src=x onerror=alert(2)>'


def stored(app: Flask, slug: str = SLUG) -> list[RevisionRow]:
    """Return an entry's revisions, the newest first."""
    with app.app_context():
        row = queries.entry(slug)
        assert row is not None
        found = queries.revisions(row)
        db.session.expunge_all()
        return found


SignIn = Callable[[str], Desk]


@pytest.fixture
def teachers(app: Flask) -> dict[str, str]:
    """Two owners and an editor, by name with their roles."""
    roles = {"Ada": "owner", "Bo": "editor", "Cy": "editor"}
    with app.app_context():
        for name, role in roles.items():
            accounts.add(name, role, SESAME, by="test")
        db.session.commit()
    return roles


@pytest.fixture
def sign_in(app: Flask, teachers: dict[str, str]) -> SignIn:
    """Return a function that signs a teacher in, in a browser of their own."""

    def signed_in(name: str) -> Desk:
        assert name in teachers
        desk = Desk(app.test_client())
        answer = desk.send("/admin/sign-in", "/admin/sign-in", name=name, password=SESAME)
        assert answer.status_code == 303, answer.text
        return desk

    return signed_in


@pytest.fixture
def ada(sign_in: SignIn) -> Desk:
    """An owner."""
    return sign_in("Ada")


@pytest.fixture
def bo(sign_in: SignIn) -> Desk:
    """An editor."""
    return sign_in("Bo")
