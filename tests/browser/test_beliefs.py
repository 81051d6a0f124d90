"""What people often think: opened by keyboard, and counted anew in place when fresh networks are trained."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, violations

ENTRY = "/entries/why-a-neuron-splits-the-blobs-in-two"
PHONE = {"width": 360, "height": 740}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_fresh_run_is_counted_in_place_and_what_is_open_stays_open(visit: Visit, scheme: str) -> None:
    page = visit(ENTRY, viewport=PHONE, color_scheme=scheme)
    first = page.locator(".beliefs li").first
    expect(first.locator(".badge")).to_have_text("No")
    expect(first.locator("details > p").first).to_be_hidden()
    first.locator("summary").press("Enter")
    counted = first.locator(".settled strong")
    expect(first.locator(".settled")).to_be_visible()
    expect(counted).to_be_hidden()  # It would tell what the page asks to be guessed.
    page.get_by_role("button", name="Just show me").click()
    expect(counted).to_have_text(re.compile(r"in the latest run: certain, checked$"))
    page.get_by_role("button", name="Train 64 new networks").first.click()
    expect(counted).to_have_text(re.compile(r"in this run: certain, checked$"))
    expect(first.locator("details")).to_have_attribute("open", "")
    expect(page.locator(".beliefs details[open]")).to_have_count(1)
    page.evaluate("document.querySelectorAll('.beliefs details').forEach(each => { each.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert violations(page) == []


def test_on_paper_all_of_them_are_open(visit: Visit) -> None:
    page = visit(ENTRY)
    page.emulate_media(media="print")
    for text in page.locator(".beliefs details > p").all():
        expect(text).to_be_visible()
    expect(page.locator(".beliefs .settled strong").first).to_be_visible()
