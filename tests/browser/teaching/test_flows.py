"""What else teachers do, with all entries and phrasings there are, on a wide screen and on a phone."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from assistant.database import writing
from assistant.library import addresses, phrasing_queries, queries
from tests.browser.conftest import Visit
from tests.browser.teaching.conftest import publish_here, sign_in

SLUG, OTHER = "why-validation-loss-is-lower", "why-validation-loss-rises"
FEWEST = 5  # askings of a question are enough to be told of
# For each width other questions, of which none is like another, and to which no entry is near.
BEGUN = {360: "How do I bake sourdough bread?", 1280: "Which mountains can be climbed in winter?"}
OFTEN = {360: "Where is the exam held?", 1280: "Who won the football cup?"}
SELDOM = {360: "What does the canteen cook today?", 1280: "How tall is the tower of the town hall?"}


@pytest.fixture(params=[360, 1280])
def wide(request: pytest.FixtureRequest, desk: Page) -> int:
    """How wide the teacher's page is."""
    width: int = request.param
    desk.set_viewport_size({"width": width, "height": 800})
    return width


@pytest.fixture
def going_back(app: Flask) -> Iterator[None]:
    """Give the entry back as it was before the test, to those that come after."""
    with app.app_context():
        row = queries.entry(SLUG)
        assert row is not None
        number, before = row.id, row.published_number
    yield
    with app.app_context(), writing():
        row = next(each for each in queries.entries() if each.id == number)
        if row.slug != SLUG:
            addresses.move(row.slug, SLUG)
        row.published_number, row.withdrawn_at, row.successor = before, None, None


def ask(page: Page, question: str, times: int = 1) -> None:
    """Ask a question as learners do."""
    for _ in range(times):
        assert page.request.post("/api/questions", data={"question": question}).status == 201


def unfold(page: Page, summary: str) -> Locator:
    """Open what is folded below a summary, and return it."""
    found = page.locator("details").filter(has=page.locator("summary", has_text=summary))
    found.locator("summary").click()
    return found


def no_sideways_scroll(page: Page, width: int) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_pasted_lines_are_told_apart_added_and_taken_back(desk: Page, app: Flask, wide: int) -> None:
    with app.app_context():
        own, theirs = (phrasing_queries.texts_of(queries.entry(slug))[20] for slug in (SLUG, OTHER))
        assert len(phrasing_queries.corpus().texts) > 10_000
    desk.goto(f"/admin/entries/{SLUG}/phrasings")
    new = f"is it odd that the validation loss is the lower one, number {wide}"
    desk.get_by_label("Add phrasings, one a line").fill("\n".join((new, own, theirs, "???")))
    desk.get_by_role("button", name="Add", exact=True).click()
    told = desk.locator("section", has=desk.get_by_role("heading", name="What these lines are"))
    for part in ("1 new", "1 is here already", "1 belongs to another entry", "1 cannot be matched"):
        expect(told).to_contain_text(part)
    no_sideways_scroll(desk, wide)
    told.get_by_role("button", name=re.compile("^Add 1")).click()
    expect(desk.locator(".phrasings tbody tr").first).to_contain_text(new)
    desk.get_by_role("button", name="Undo").click()
    expect(desk.get_by_role("status").filter(has_text="Undone: 1")).to_be_visible()
    expect(desk.locator(".phrasings tbody")).not_to_contain_text(new)


def test_not_covered_is_paged_searched_and_added_to(desk: Page, wide: int) -> None:
    desk.goto("/admin/not-covered")
    expect(desk.locator(".phrasings tbody tr")).to_have_count(50)
    desk.get_by_role("link", name="Page 2").click()
    expect(desk.locator(".phrasings tbody tr")).to_have_count(50)
    desk.get_by_label("Show").select_option("near")
    desk.get_by_role("button", name="Search", exact=True).click()
    expect(desk.get_by_text("nearly the same as", exact=True).first).to_be_visible()
    new = f"Which flour is best at altitude {wide}?"
    desk.get_by_label("Add questions, one a line").fill(new)
    desk.get_by_role("button", name="Add", exact=True).click()
    desk.get_by_label("Search", exact=True).fill(f"flour {wide}")
    desk.get_by_label("Search", exact=True).press("Enter")
    expect(desk.locator(".phrasings tbody tr")).to_contain_text(new)
    no_sideways_scroll(desk, wide)


def test_an_entry_is_begun_from_questions_moved_and_deleted(desk: Page, wide: int) -> None:
    question = BEGUN[wide]
    ask(desk, question, 2)
    desk.goto("/admin/questions")
    row = desk.locator(".asked-list > li").filter(has_text=question).first
    expect(row).to_contain_text("1 more like it")
    row.get_by_role("link", name=re.compile("New entry")).click()
    expect(desk.get_by_label("Title")).to_have_value(question)
    expect(desk.get_by_label("Slug")).to_have_value("")
    expect(desk.get_by_label("Phrasings, one a line")).to_have_value(question)
    for field in ("theme", "short", "explanation", "phrasings", "claims"):
        expect(desk.locator(f"#{field}-problem")).to_contain_text("Before it can be published:")
    desk.locator("#explanation").fill("# Bread\n\nIt rises by $a_$ percent.")
    expect(desk.locator("#preview")).to_contain_text("Line 1: a heading")
    expect(desk.locator("#preview")).to_contain_text("Line 3: the formula $a_$ in column 13")
    no_sideways_scroll(desk, wide)
    desk.get_by_label("What did you change, and why?").fill("Asked twice.")
    desk.get_by_role("button", name="Save as a draft").last.click()
    desk.wait_for_url(f"**/admin/entries/{question[:-1].lower().replace(' ', '-')}")
    expect(desk.get_by_role("status").filter(has_text="Before it can be published")).to_be_visible()
    folded = unfold(desk, "Move it to another address")
    folded.get_by_label("New slug").fill(f"begun-at-{wide}")
    folded.get_by_role("button", name="Move it").click()
    desk.wait_for_url(f"**/admin/entries/begun-at-{wide}")
    unfold(desk, "Delete this draft").get_by_role("button", name="Delete it for good").click()
    expect(desk.get_by_role("status").filter(has_text=f"The draft begun-at-{wide} is deleted.")).to_be_visible()


@pytest.mark.usefixtures("going_back")
def test_an_entry_is_moved_withdrawn_and_published_again(desk: Page, visit: Visit, wide: int) -> None:
    moved = f"{SLUG}-at-{wide}"
    desk.goto(f"/admin/entries/{SLUG}")
    folded = unfold(desk, "Move it to another address")
    folded.get_by_label("New slug").fill(moved)
    folded.get_by_role("button", name="Move it").click()
    desk.wait_for_url(f"**/admin/entries/{moved}")
    learner = visit(f"/entries/{SLUG}", allowed="410")
    learner.wait_for_url(f"**/entries/{moved}")
    folded = unfold(desk, "Withdraw it")
    folded.get_by_label("Point learners to").select_option(OTHER)
    folded.get_by_label("Why?").fill("To be written anew.")
    folded.get_by_role("button", name="Withdraw it").click()
    expect(desk.get_by_role("status").filter(has_text="Withdrawn.")).to_be_visible()
    no_sideways_scroll(desk, wide)
    learner.reload()
    expect(learner.get_by_role("heading", level=1)).to_have_text("This was withdrawn")
    expect(learner.locator(f"a[href='/entries/{OTHER}']")).to_be_visible()
    desk.get_by_role("link", name="Publish again").click()
    publish_here(desk)
    # No browser keeps the answers of before: that it was withdrawn, and that its first address leads to the second.
    learner.goto(f"/entries/{moved}")
    expect(learner.locator(".prose").first).to_be_visible()
    folded = unfold(desk, "Move it to another address")
    folded.get_by_label("New slug").fill(SLUG)
    folded.get_by_role("button", name="Move it").click()
    desk.wait_for_url(f"**/admin/entries/{SLUG}")
    learner.goto(f"/entries/{SLUG}")
    learner.wait_for_url(f"**/entries/{SLUG}")
    expect(learner.locator(".prose").first).to_be_visible()


def test_a_class_is_told_of_on_a_page_and_as_a_table(desk: Page, wide: int, tmp_path: Path) -> None:
    often, seldom = OFTEN[wide], SELDOM[wide]
    ask(desk, often, FEWEST)
    ask(desk, seldom, FEWEST - 1)
    desk.goto("/admin/class")
    unanswered = desk.locator("section", has=desk.get_by_role("heading", name="Questions without an answer"))
    expect(unanswered).to_contain_text(often)
    expect(desk.locator("main")).not_to_contain_text(seldom)
    no_sideways_scroll(desk, wide)
    with desk.expect_download() as loaded:
        desk.get_by_role("link", name="All of it as a table (CSV)").click()
    file = tmp_path / "class.csv"
    loaded.value.save_as(file)
    table = file.read_text(encoding="utf-8-sig")
    assert f"unanswered,,{often},{FEWEST}" in table
    assert seldom not in table


def test_an_owner_gives_another_a_new_password(desk: Page, visit: Visit, wide: int) -> None:
    name = f"Bo at {wide}"
    desk.goto("/admin/accounts")
    desk.get_by_label("Name").fill(name)
    desk.get_by_role("button", name="Add", exact=True).click()
    first = desk.locator(".notice code").inner_text()
    desk.get_by_role("button", name=f"New password for {name}").click()
    expect(desk.locator(".notice code")).not_to_have_text(first)
    page = visit("/admin/", allowed="401")
    sign_in(page, name, first)
    expect(page.get_by_role("alert")).to_have_text("The name or the password is not right.")
    sign_in(page, name, desk.locator(".notice code").inner_text())
    expect(page.get_by_role("heading", level=1)).to_have_text("Entries")


def test_two_revisions_are_shown_side_by_side(desk: Page, wide: int) -> None:
    desk.goto(f"/admin/entries/{OTHER}/edit")
    desk.get_by_label("Theme").fill(f"Theme {wide}")
    desk.get_by_label("What did you change, and why?").fill("To see the difference.")
    desk.get_by_role("button", name="Save as a draft").last.click()
    desk.get_by_role("button", name="Show the difference").click()
    expect(desk.locator(".difference ins")).to_contain_text(str(wide))
    no_sideways_scroll(desk, wide)
