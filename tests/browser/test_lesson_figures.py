"""Choosing the figure that a question is about, in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, violations
from tests.browser.test_posts import PHONE

QUESTION = "Why is one of them slanted?"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_figure_is_chosen_by_keyboard_on_a_phone(visit: Visit, scheme: str) -> None:
    page = visit("/", viewport=PHONE, color_scheme=scheme)
    none, blobs = page.get_by_role("radio", name="No figure"), page.get_by_role("radio", name="Four blobs")
    expect(blobs).to_be_hidden()
    page.get_by_role("textbox").fill(QUESTION)
    page.locator(".figure-choice summary").press("Enter")
    expect(none).to_be_checked()
    page.keyboard.press("Tab")
    expect(none).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(blobs).to_be_checked()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    page.wait_for_function("[...document.querySelectorAll('.figure-choice img')].every(each => each.naturalWidth > 0)")
    assert violations(page) == []
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".chosen-figure")).to_contain_text("Read with the figure that you chose: Four blobs")
    expect(page.get_by_role("heading", level=1)).to_have_text("Which of these is nearest?")
    expect(page.get_by_role("radio", name="Four blobs")).to_be_checked()
    assert violations(page) == []


def test_a_figure_is_chosen_without_javascript_by_its_picture(visit: Visit) -> None:
    page = visit("/", java_script_enabled=False)
    page.get_by_role("textbox").fill(QUESTION)
    page.locator(".figure-choice summary").click()
    page.get_by_role("img", name="Roasts by temperature and duration").click()
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".chosen-figure")).to_contain_text("Coffee roasting")
