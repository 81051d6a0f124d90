"""A teacher's day with a real browser: two tabs, a conflict, publishing, going back, and closing a gap."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from assistant.accounts.tables import SignInRow, TeacherRow
from assistant.database import db, writing
from assistant.library import queries
from assistant.questions.understanding.matcher import matcher
from tests.browser.conftest import Service, Visit, until, violations
from tests.browser.teaching.conftest import publish_here, sign_in
from tests.conftest import CLUMSY

SLUG = "why-neurons-differ"
EDIT = f"/admin/entries/{SLUG}/edit"
PHONE: Any = {"width": 360, "height": 740}


@pytest.fixture
def going_back(app: Flask) -> Iterator[None]:
    """Give the entry back as it was before the test, to those that come after."""
    with app.app_context():
        row = queries.entry(SLUG)
        assert row is not None
        before = row.published_number
    yield
    with app.app_context(), writing():
        row = queries.entry(SLUG)
        assert row is not None
        row.published_number = before


def save(page: Page, reason: str) -> None:
    page.get_by_label("What did you change, and why?").fill(reason)
    page.get_by_role("button", name="Save as a draft").last.click()


def publish(page: Page) -> None:
    """Publish the newest revision from its entry's page; where something speaks against it, all the same."""
    page.get_by_role("link", name=re.compile("Try and publish")).click()
    publish_here(page)


@pytest.mark.usefixtures("going_back")
def test_two_tabs_a_conflict_publishing_and_going_back(desk: Page, visit: Visit) -> None:
    original = visit(f"/entries/{SLUG}")
    title = original.get_by_role("heading", level=1).inner_text()
    explanation = original.locator(".prose p").first.inner_text()
    second = desk.context.new_page()
    for tab in (desk, second):
        tab.goto(EDIT)
    first_words = "**Written in the first tab.** "
    box = desk.locator("#explanation")
    box.fill(first_words + box.input_value())
    expect(desk.locator("#preview strong").first).to_have_text("Written in the first tab.")
    save(desk, "From the first tab.")
    expect(desk.get_by_text("Saved as revision")).to_be_visible()
    second.locator("#theme").fill("A theme of the second tab")
    second.locator("#explanation").fill("Written in the second tab. " + second.locator("#explanation").input_value())
    save(second, "From the second tab.")
    expect(second.get_by_role("heading", name="Two people changed this entry at once")).to_be_visible()
    expect(second.locator(".conflict ins").filter(has_text="second").first).to_be_visible()
    expect(second.locator(".conflict del").filter(has_text="first").first).to_be_visible()
    expect(second.locator("#theme")).to_have_value("A theme of the second tab")
    second.locator("#explanation").fill("Written by both. " + second.locator("#explanation").input_value())
    save(second, "Both together.")
    expect(second.get_by_text("Saved as revision")).to_be_visible()
    publish(second)
    learner = visit(f"/entries/{SLUG}")
    expect(learner.locator(".prose p").first).to_contain_text("Written by both. Written in the second tab.")
    expect(learner.locator(".theme").first).to_have_text("A theme of the second tab")
    frame = visit(f"/embed/{SLUG}")
    expect(frame.locator(".prose p").first).to_contain_text("Written by both. Written in the second tab.")

    second.goto(f"/admin/entries/{SLUG}")
    second.get_by_role("button", name="Restore revision 1", exact=True).click()
    expect(second.get_by_text("Revision 1 is restored")).to_be_visible()
    publish(second)
    learner.reload()
    expect(learner.get_by_role("heading", level=1)).to_have_text(title)
    expect(learner.locator(".prose p").first).to_have_text(explanation)
    frame.reload()
    expect(frame.locator(".prose p").first).to_have_text(explanation)


@pytest.mark.usefixtures("going_back")
def test_a_question_that_was_asked_in_vain_becomes_a_phrasing_and_is_answered(
    desk: Page, visit: Visit, app: Flask
) -> None:
    with app.app_context():
        question = next(each for each in CLUMSY if matcher().match(each).outcome != "answer")
    learner = visit("/")
    learner.get_by_role("textbox").fill(question)
    learner.get_by_role("button", name="Ask", exact=True).click()
    learner.wait_for_url("**/questions/*")
    expect(learner.get_by_role("heading", level=1)).to_have_text(re.compile("Which of these|I do not know"))
    desk.goto("/admin/")
    desk.get_by_role("link", name=re.compile("of learners")).click()
    row = desk.locator(".asked-list > li").filter(has_text=question)
    row.get_by_label("A phrasing of").select_option(SLUG)
    row.get_by_role("button", name="Add it").click()
    if "/phrasings" in desk.url:
        desk.get_by_role("button", name="Add it all the same").click()
    learner.reload()
    expect(learner.get_by_text("There is one now")).to_be_visible()
    expect(learner.get_by_role("heading", level=1)).to_contain_text("why do they not all come out the same")
    learner.goto("/")
    learner.get_by_role("textbox").fill(question)
    learner.get_by_role("button", name="Ask", exact=True).click()
    expect(learner.get_by_role("heading", level=1)).to_contain_text("why do they not all come out the same")


def test_a_drafts_claims_are_tried_on_the_page(desk: Page) -> None:
    desk.goto("/admin/entries/two-neurons-one-line/edit")
    desk.get_by_label("Sentence").first.fill(
        "Before training, chance alone makes both neurons split alike now and then."
    )
    save(desk, "A looser sentence.")
    desk.get_by_role("link", name=re.compile("Try and publish")).click()
    expect(desk.get_by_text("have not been tried")).to_be_visible()
    desk.get_by_role("button", name="Try the claims with 64 fresh networks").click()
    expect(desk.locator("#verdicts .claims > li").first).to_be_visible(timeout=60_000)
    expect(desk.locator("#publishing")).not_to_contain_text("have not been tried")
    expect(desk.locator("#publishing")).not_to_contain_text("being tried")


def test_what_is_typed_survives_a_closed_tab(desk: Page) -> None:
    desk.goto(EDIT)
    desk.locator("#title").fill("Typed and never saved?")
    desk.get_by_label("Sentence").last.fill("A claim in a spare row.")
    until(lambda: desk.evaluate("Object.keys(localStorage).length") == 1, 20, "what was typed to be kept")
    again = desk.context.new_page()
    desk.close()
    again.goto(EDIT)
    notice = again.locator("#kept")
    expect(notice).to_contain_text("Typed and never saved?")
    notice.get_by_role("button", name="Bring it back").click()
    expect(again.locator("#title")).to_have_value("Typed and never saved?")
    expect(again.get_by_text("A claim in a spare row.")).to_be_visible()
    again.goto(EDIT)
    again.get_by_role("button", name="Throw it away").click()
    again.goto(EDIT)
    expect(again.locator("#kept")).to_be_hidden()


def test_two_new_entries_in_two_tabs_are_both_offered_again(desk: Page) -> None:
    tabs = [desk.context.new_page() for _ in range(2)]
    for at, tab in enumerate(tabs):
        tab.goto("/admin/entries/new")
        tab.locator("#title").fill(f"Typed in tab {at}?")
    until(lambda: desk.evaluate("Object.keys(localStorage).length") == 2, 20, "both texts to be kept")
    tabs[1].reload()
    kept = tabs[1].locator("#kept")
    expect(kept).to_contain_text("Typed in tab 1?")
    expect(kept).not_to_contain_text("Typed in tab 0?")  # That tab is still open.
    for tab in tabs:
        tab.close()
    again = desk.context.new_page()
    again.goto("/admin/entries/new")
    for at in range(2):
        expect(again.locator("#kept")).to_contain_text(f"Typed in tab {at}?")
    text = again.locator(".kept-text").filter(has_text="Typed in tab 0?")
    text.get_by_role("button", name="Bring it back").click()
    expect(again.locator("#title")).to_have_value("Typed in tab 0?")
    expect(again.locator("#kept")).to_contain_text("Typed in tab 1?")
    again.get_by_role("button", name="Throw it away").click()
    desk.evaluate("localStorage.clear()")


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize(
    "path",
    [
        f"/admin/entries/{SLUG}/phrasings?sort=longest",
        EDIT,
        "/admin/entries/new",
        "/admin/not-covered",
        "/admin/accounts",
    ],
)
def test_no_button_breaks_and_no_hint_lies_on_a_heading(desk: Page, path: str, width: int) -> None:
    desk.set_viewport_size({"width": width, "height": 800})
    desk.goto(path)
    assert desk.evaluate("document.documentElement.scrollWidth") == width
    buttons = desk.locator("main button:visible:not(.first)")
    assert buttons.count() > 1
    broken = """each => each.filter((button) => {
        const range = document.createRange();
        range.selectNodeContents(button.firstChild);
        return new Set([...range.getClientRects()].map((line) => Math.round(line.top))).size
            > button.firstChild.textContent.trim().split(/\\s+/).length;
    }).map((button) => button.textContent)"""
    assert buttons.evaluate_all(broken) == []
    overlaps = """() => [...document.querySelectorAll("main .help")].filter((help) => {
        const own = help.getBoundingClientRect();
        const headings = [...document.querySelectorAll("main h2:not(.visually-hidden), main h3")];
        return own.height && headings.some((heading) => {
            const other = heading.getBoundingClientRect();
            return own.top < other.bottom && other.top < own.bottom && own.left < other.right && other.left < own.right;
        });
    }).map((help) => help.textContent)"""
    assert [text for text in desk.evaluate(overlaps) if "Kept with the revision" not in text] == []


def test_phrasings_are_searched_with_enter_and_a_removal_is_undone(desk: Page) -> None:
    desk.goto(f"/admin/entries/{SLUG}/phrasings")
    text = desk.locator(".phrasings td").first.inner_text().splitlines()[0].removesuffix(" held out")
    search = desk.get_by_label("Search", exact=True)
    search.fill(text)
    search.press("Enter")
    expect(desk.locator(".phrasings tbody tr")).to_have_count(1)
    desk.locator(".phrasings").get_by_role("button", name=re.compile("Remove")).click()
    expect(desk.get_by_text("None matches.")).to_be_visible()
    desk.get_by_role("button", name="Undo").click()
    expect(desk.locator(".phrasings tbody tr")).to_have_count(1)


def test_a_session_that_ended_asks_and_gives_everything_back(desk: Page, app: Flask) -> None:
    desk.goto(EDIT)
    desk.locator("#title").fill("Typed before the session ended?")
    with app.app_context():
        db.session.query(SignInRow).delete()
        db.session.commit()
    save(desk, "Never lost.")
    expect(desk.get_by_text("You were signed out meanwhile")).to_be_visible()
    sign_in(desk)
    expect(desk.locator("#title")).to_have_value("Typed before the session ended?")
    expect(desk.get_by_label("What did you change, and why?")).to_have_value("Never lost.")


def test_an_upper_end_is_asked_for_where_it_counts(desk: Page) -> None:
    desk.goto(EDIT)
    upper = desk.locator("#claims-0-upper")
    for comparison, counts in (("between", True), ("at_most", False), ("between", True)):
        desk.locator("#claims-0-predicate").select_option(comparison)
        expect(upper).to_be_visible(visible=counts)
    expect(
        desk.get_by_text("counts only with “between”").first
    ).to_be_hidden()  # It is for browsers that cannot hide it.


def test_a_text_that_is_too_long_is_not_even_sent(desk: Page) -> None:
    desk.goto(EDIT)
    box = desk.locator("#explanation")
    box.evaluate("box => { box.value = 'x'.repeat(5_000_000) }")
    save(desk, "Much too long.")
    message = box.evaluate("box => box.validationMessage")
    assert "5,000,000 characters, and at most 20,000" in message
    assert box.evaluate("box => box.value.length") == 5_000_000
    desk.evaluate("localStorage.clear()")


@pytest.mark.parametrize(
    "path",
    [
        "/admin/",
        f"/admin/entries/{SLUG}",
        EDIT,
        "/admin/entries/new",
        f"/admin/entries/{SLUG}/publish?effects=shown",
        f"/admin/entries/{SLUG}/compare?before=1&after=1",
        "/admin/questions?outcome=all",
        "/admin/not-covered",
        f"/admin/entries/{SLUG}/phrasings",
        f"/admin/entries/{SLUG}/phrasings?page=2",
        "/admin/not-covered?show=near&sort=longest",
        "/admin/class",
        "/admin/accounts",
        "/admin/audit",
        "/admin/password",
    ],
)
def test_teachers_pages_have_no_barrier_and_no_sideways_scroll(desk: Page, path: str) -> None:
    desk.goto(path)
    for scheme, size in (("light", None), ("dark", PHONE)):
        desk.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        if size:
            desk.set_viewport_size(size)
        assert violations(desk) == []
    assert desk.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_everything_works_without_javascript(visit: Visit, service: Service, app: Flask) -> None:  # noqa: ARG001
    page = visit("/admin/", java_script_enabled=False)
    sign_in(page)
    page.goto(EDIT)
    page.locator("#explanation").fill("Only **this**.")
    page.get_by_role("button", name="Show the preview").click()
    expect(page.locator("#preview strong")).to_have_text("this")
    page.locator("#experiment").select_option("rerun")
    page.get_by_role("button", name="Show the parameters and findings of these experiments").click()
    expect(page.locator("#experiment")).to_have_value("rerun")
    with app.app_context():
        assert db.session.query(TeacherRow).count() == 1
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
