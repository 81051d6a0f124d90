"""Teachers' pages in a real browser: an owner who is signed in, and what several tests do there."""

import re
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from assistant.accounts import accounts
from assistant.database import db
from tests.browser.conftest import Visit

NAME, SESAME = "Ada Teacher", "correct horse battery"


@pytest.fixture(scope="session", autouse=True)
def teacher(app: Flask) -> None:
    """An owner's account."""
    with app.app_context():
        accounts.add(NAME, "owner", SESAME, by="test")
        db.session.commit()


def sign_in(page: Page, name: str = NAME, password: str = SESAME) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


@pytest.fixture(scope="session")
def cookies() -> dict[str, Any]:
    """What the browser of the teacher who signed in last has kept."""
    return {}


@pytest.fixture
def desk(visit: Visit, cookies: dict[str, Any]) -> Page:
    """A page of a teacher who is signed in, since an earlier test where no test has ended that."""
    page = visit("/admin/", allowed="40", **cookies)
    entries = page.get_by_role("heading", level=1, name="Entries", exact=True)
    if not entries.is_visible():
        sign_in(page)
        expect(entries).to_be_visible()
        cookies["storage_state"] = page.context.storage_state()
    return page


def publish_here(page: Page) -> None:
    """Publish what the page is about; where something speaks against it, all the same."""
    expect(page.get_by_role("heading", name="Publish it")).to_be_visible()
    box = page.get_by_role("checkbox")
    if box.count():
        box.check()
        page.locator("#reason").fill("Seen, and right.")
    page.get_by_role("button", name=re.compile("Publish revision")).click()
    expect(page.get_by_role("status").filter(has_text="is published")).to_be_visible()
