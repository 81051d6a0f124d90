"""A follow-up is asked on an answer's page, in a real browser."""

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.test_asking import ANSWER, QUESTION, type_and_ask


def test_a_follow_up_is_answered_in_the_light_of_the_page(visit: Visit) -> None:
    page = visit("/")
    type_and_ask(page, QUESTION)
    expect(page.get_by_role("heading", level=1)).to_contain_text(ANSWER)
    before = page.url
    page.get_by_role("textbox", name="Ask a follow-up").fill("And with learning rate 0.3?")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.wait_for_url(lambda url: "/questions/" in url and url != before)
    expect(page.get_by_role("heading", level=1)).to_contain_text(ANSWER)
    expect(page.locator(".asked")).to_contain_text("Read as a follow-up of")
    expect(page.locator("#own-numbers")).to_contain_text("You asked with learning rate 0.3")
    page.get_by_role("link", name=QUESTION).click()
    page.wait_for_url(before)
