"""A learner asks with a real browser, and waits for the verdict of fresh networks."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import UNSURE, Service, Visit

QUESTION = "Why do we have to start from random weights and not just from zeros?"
ANSWER = "why do they not all come out the same"


def type_and_ask(page: Page, question: str) -> None:
    page.get_by_role("textbox").fill(question)
    page.get_by_role("button", name="Ask", exact=True).click()


def loaded(page: Page) -> list[bool]:
    page.wait_for_function("[...document.images].every(image => image.loading === 'lazy' || image.complete)")
    found: list[bool] = page.evaluate(
        "[...document.querySelectorAll('#stage img')].map(image => image.naturalWidth > 0)"
    )
    return found


def expect_verdicts(page: Page) -> None:
    claims = page.locator("#verdicts .claims > li")
    assert claims.count() >= 3
    for claim in claims.all():
        expect(claim.locator(".verdict")).to_have_text(re.compile("held|failed|not judged|certain, checked"))
    expect(claims.first.locator(".numbers")).to_have_text(re.compile(r"\d+ of \d+ networks\s+claimed: "))
    expect(page.locator("#verdicts .counted-when")).to_have_text("Counted just now, in 64 fresh networks.")
    expect(page.locator("#verdict")).to_have_text(re.compile(r"\d of \d claims held, just now"))
    row = page.locator("#verdicts .statistics tbody tr").first
    interval = r"([\d.]+ to [\d.]+ %|–)"  # none for a theorem
    expect(row).to_have_text(re.compile(rf"\d+ of \d+\s+{interval}\s+in \d+ of \d+ runs?"))


def test_question_is_explained_at_once_and_then_shown_by_fresh_networks(visit: Visit, service: Service) -> None:
    page = visit("/")
    with service.worker_held():
        type_and_ask(page, QUESTION)
        expect(page.get_by_role("heading", level=1)).to_contain_text(ANSWER)
        expect(page.locator(".asked")).to_contain_text(QUESTION)
        expect(page.locator(".prose h2")).not_to_have_count(0)
        expect(page.locator("#status")).to_contain_text("64 new networks")
        expect(page.locator("#status")).to_contain_text("stored run")
        expect(page.locator("#verdict")).to_contain_text("in the latest run")
        expect(page.locator("#verdicts .counted-when")).to_contain_text("of the latest stored run")
        expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.locator("#status.fresh")).to_contain_text("64 fresh networks")
    expect_verdicts(page)
    expect(page.locator("#announce")).to_contain_text("64 fresh networks are trained")
    expect(page.locator("#stage replay-player")).to_have_count(1)  # It is there with the numbers; the figures follow.


def test_all_figures_of_a_fresh_result_are_pictures(visit: Visit) -> None:
    page = visit("/")
    type_and_ask(page, "Is it luck that the two lines are different, or does training cause it?")
    expect(page.locator("#status.fresh:not([hx-get])")).to_be_visible(timeout=90_000)  # The figures are drawn.
    for image in page.locator(".answer > :not(.share) img").filter(visible=True).all():
        image.scroll_into_view_if_needed()
        page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=image.element_handle())
    # A space stands before each per cent sign, also in the figures' numbers and in what tells of them.
    told = page.locator("main").text_content() or ""
    told += " ".join(each.get_attribute("alt") or "" for each in page.locator("main img").all())
    assert re.findall(r".{20}\d%.{20}", told, re.DOTALL) == []


def test_a_result_has_an_address_that_shows_it_again(visit: Visit) -> None:
    page = visit("/")
    type_and_ask(page, QUESTION)
    expect(page.locator("#status.fresh")).to_be_visible()
    page.locator("#evidence .setup a").click()
    page.wait_for_url("**/runs/*")
    before = page.locator("#verdicts").inner_text(), page.locator("#evidence").inner_text()
    page.reload()
    assert (page.locator("#verdicts").inner_text(), page.locator("#evidence").inner_text()) == before


def test_suggestions_come_while_typing(visit: Visit) -> None:
    page = visit("/")
    page.get_by_role("textbox", name="Ask in your own words").press_sequentially("two neurons draw the same line")
    expect(page.locator("#suggestions")).to_contain_text("Perhaps you mean")
    choice = page.locator("#suggestions button").first
    title = choice.inner_text()
    expect(page.locator("#announce")).to_contain_text("with an answer")
    choice.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.locator(".asked q")).to_have_text("two neurons draw the same line")
    expect(page).to_have_title(f"{title} – Askneuron")
    expect(page.locator("#status.fresh")).to_be_visible()


def test_who_has_asked_is_sent_no_suggestions(visit: Visit) -> None:
    page = visit("/")
    box = page.get_by_role("textbox", name="Ask in your own words")
    looked: list[str] = []
    held: list[Route] = []
    page.on("request", lambda request: looked.append(request.url) if "/suggestions" in request.url else None)
    page.route("**/questions", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it
    box.fill("two neurons draw the same line")
    box.press("Enter", no_wait_after=True)
    page.wait_for_timeout(600)  # three times as long as suggestions wait for the next letter
    assert held
    assert not looked
    with page.expect_navigation(url="**/questions/*"):
        held[0].continue_()
    page.go_back()
    box.fill("both neurons draw the same line")
    expect(page.locator("#suggestions")).to_contain_text("Perhaps you mean")


def test_everything_works_without_javascript(visit: Visit, service: Service) -> None:
    page = visit("/", java_script_enabled=False)
    with service.worker_held():
        type_and_ask(page, QUESTION)
        expect(page.get_by_role("heading", level=1)).to_contain_text(ANSWER)
        expect(page.locator("#status")).to_contain_text("64 new networks")
    expect(page.locator("#status.fresh")).to_contain_text("64 fresh networks")  # The page has refreshed itself.
    expect_verdicts(page)
    page.get_by_role("button", name="Train 64 new networks").click()
    page.wait_for_url("**/runs/*")
    expect(page.locator("#status.fresh")).to_be_visible()


def test_suggestions_without_javascript(visit: Visit) -> None:
    page = visit("/?q=Is+zero+initialisation+a+problem%3F", java_script_enabled=False)
    expect(page.locator(".would a").first).to_be_visible()


def test_new_networks_are_trained_in_place(visit: Visit, service: Service) -> None:
    page = visit("/entries/two-neurons-one-line")
    address = page.url
    button = page.locator("#train")
    with service.worker_held():
        button.focus()
        page.keyboard.press("Enter")
        expect(button).to_have_text("Training …")
        expect(button).to_be_focused()
        expect(page.locator("#announce")).to_have_text("64 new networks are being trained.")
    expect(page.locator("#status.fresh")).to_be_visible()
    expect(button).to_have_text("Train 64 new networks")
    expect(button).to_be_focused()
    expect(page.locator("#announce")).to_have_text("64 fresh networks are trained.")
    expect_verdicts(page)
    assert page.url == address


def test_a_run_keeps_its_page_to_itself(visit: Visit, service: Service) -> None:
    page = visit("/entries/two-neurons-one-line", java_script_enabled=False)
    with service.worker_held():
        page.locator("#train").click()
        page.wait_for_url("**/runs/*")
        address = page.url
        page = visit(address)
        expect(page.locator("#train")).to_have_text("Training …")
    expect(page.locator("#status.fresh")).to_be_visible()
    page.locator("#train").click()
    page.wait_for_url(lambda url: "/runs/" in url and url != address)


def test_what_the_reader_has_opened_stays_open_while_networks_train(visit: Visit, service: Service) -> None:
    page = visit("/entries/why-neurons-differ")
    page.get_by_role("button", name="Just show me").click()
    with service.worker_held():
        page.locator("#train").click()
        page.locator("#verdicts summary").click()
        with page.expect_response("**/panel"), page.expect_response("**/panel"):
            pass
        expect(page.locator("#verdicts details")).to_have_attribute("open", "")


@pytest.mark.parametrize(
    ("question", "heading"),
    [
        (QUESTION, ANSWER),
        (UNSURE, "Which of these is nearest?"),
        ("How do I bake sourdough bread in a cold kitchen?", "I do not know that yet"),
    ],
    ids=["answer", "suggest", "unknown"],
)
def test_each_outcome_has_its_page(visit: Visit, question: str, heading: str) -> None:
    page = visit("/")
    type_and_ask(page, question)
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
    expect(page.locator(".asked")).to_contain_text(question)


def test_a_question_is_shown_as_text_and_never_as_markup(visit: Visit) -> None:
    page = visit("/")
    text = '<img src=x onerror=alert(1)> "></textarea><script>alert(2)</script> why do neurons differ'
    type_and_ask(page, text)
    expect(page.locator(".asked q")).to_contain_text(text)


def test_an_empty_question_is_asked_for_in_words(visit: Visit) -> None:
    page = visit("/", allowed="status of 422")
    page.get_by_role("textbox", name="Ask in your own words").fill("???")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Please type a question in words")
    expect(page.get_by_role("textbox", name="Ask in your own words")).to_have_attribute("aria-invalid", "true")


def test_asking_by_keyboard_alone(visit: Visit) -> None:
    page = visit("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    box = page.get_by_role("textbox", name="Ask in your own words")
    expect(box).to_be_focused()
    page.keyboard.type("do neurons in one layer compete or cooperate")
    expect(page.locator("#suggestions")).to_contain_text("Perhaps you mean")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(".figure-choice summary")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#suggestions button").first).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/questions/*")
    expect(page.get_by_role("heading", level=1)).to_contain_text("drawing the same line")
