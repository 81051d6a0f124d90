"""Teachers' pages in a real browser: an owner who is signed in, and what several tests do there."""

import re

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


@pytest.fixture
def desk(visit: Visit) -> Page:
    """A page of a teacher who is signed in."""
    page = visit("/admin/", allowed="40")
    sign_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Entries")
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
