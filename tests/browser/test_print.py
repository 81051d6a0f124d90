"""What is printed: all that is to be read, and nothing that is to be pressed."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit

ENTRY = "/entries/how-many-hidden-neurons"
MARK = "each => getComputedStyle(each).listStyleType + getComputedStyle(each, '::after').content"
# What stands on paper although it is of no use there; a folded part shows but its summary, unless printed.
USELESS = """() => {
  const pressed = "button, input, select, textarea, progress, details:not([open]) > summary, [hx-post]";
  const printed = ".measured, .beliefs summary, #counts > summary, .fold > summary";
  return [...document.querySelectorAll(pressed)].filter(each => each.checkVisibility() && !each.matches(printed))
    .map(each => each.outerHTML.slice(0, 90));
}"""


def printed(page: Page) -> Page:
    page.emulate_media(media="print")
    return page


def a_run(page: Page) -> str:
    return page.locator("#evidence dt:text-is('address') + dd a").get_attribute("href") or ""


@pytest.mark.parametrize("answered", [False, True], ids=["asking", "answered"])
def test_an_entry_is_printed_without_what_is_pressed(visit: Visit, *, answered: bool) -> None:
    page = visit(ENTRY)
    expect(page.locator("replay-player[ready]")).to_be_visible()
    if answered:
        page.get_by_role("button", name="Just show me").click()
    printed(page)
    assert page.evaluate(USELESS) == []
    for name in ("#fallback img", "#verdict", ".prose", "#verdicts .claims", ".repeat pre"):
        expect(page.locator(name).first).to_be_visible()
    expect(page.locator(".beliefs details > p").first).to_be_visible()
    for name in (".take-home", ".bottom", ".neighbours", "#vary", "#share"):
        expect(page.locator(name)).to_be_hidden()
    assert page.locator("#counts > summary").evaluate(MARK) == "nonenone"
    assert page.locator(".beliefs summary").first.evaluate(MARK) == "nonenone"
    assert page.locator("#outcome").evaluate("each => getComputedStyle(each).outlineStyle") == "none"
    # The figure stands where it is spoken of, without the height that the replay has on a screen.
    gap = page.evaluate(
        """() => document.querySelector("#replay").getBoundingClientRect().bottom
        - document.querySelector("#fallback figcaption").getBoundingClientRect().bottom"""
    )
    assert gap < 40


def test_what_the_reader_has_unfolded_is_printed(visit: Visit) -> None:
    page = visit(ENTRY)
    page.get_by_role("button", name="Just show me").click()
    page.locator("#verdicts .statistics summary").click()
    printed(page)
    expect(page.locator("#verdicts .statistics table")).to_be_visible()
    expect(page.locator(".findings")).to_be_hidden()


def test_a_run_and_a_question_are_printed_without_what_is_pressed(visit: Visit) -> None:
    page = visit(ENTRY)
    page.goto(a_run(page))
    assert printed(page).evaluate(USELESS) == []
    assert (
        page.evaluate("document.body.offsetHeight - document.querySelector('.evidence').getBoundingClientRect().bottom")
        < 40
    )
    expect(page.locator("#verdicts .claims")).to_be_visible()
    page = visit("/")
    page.locator("#question").fill("How many hidden neurons do I need?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("#status.fresh:not([hx-get])")).to_be_visible()
    assert printed(page).evaluate(USELESS) == []
    expect(page.get_by_text("How many hidden neurons do I need?").first).to_be_visible()


def test_a_frame_is_printed_unfolded(visit: Visit) -> None:
    page = printed(visit("/embed/how-many-hidden-neurons"))
    expect(page.get_by_text("The minimum: what can be represented")).to_be_visible()
    assert page.evaluate(USELESS) == []


def test_paper_is_light(visit: Visit) -> None:
    page = visit(ENTRY, color_scheme="dark")
    dark = page.evaluate("getComputedStyle(document.body).color")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(31, 36, 41)" != dark
