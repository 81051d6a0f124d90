"""Where the parts of an answer stand on a page, wide and on a phone."""

import pytest
from playwright.sync_api import FloatRect, Page, expect

from tests.browser.conftest import ENTRIES, Visit

PHONE = {"width": 360, "height": 740}
ORDER = (
    "h1",
    "#verdict",
    ".answer-head .lead",
    "#replay",
    "#vary",
    "#explanation",
    "#verdicts",
    "#evidence",
    ".neighbours",
    "#share",
)


def test_on_a_phone_every_replay_begins_in_the_first_screen(visit: Visit) -> None:
    below = {}
    page = visit("/", viewport=PHONE, reduced_motion="reduce")
    for slug in ENTRIES:
        page.goto(f"/entries/{slug}")
        maps = page.locator("replay-player[ready] :is(.stage, .opened):not([hidden])")
        expect(maps).to_be_attached()
        below[slug] = maps.evaluate("each => each.getBoundingClientRect().top") - PHONE["height"]
    assert {slug: height for slug, height in below.items() if height >= 0} == {}


def test_an_answer_stands_in_one_order(visit: Visit) -> None:
    page = visit("/entries/two-neurons-one-line")
    found = page.evaluate(
        """names => names.map(name => [...document.querySelectorAll('*')].indexOf(document.querySelector(name)))""",
        list(ORDER),
    )
    assert -1 not in found
    assert found == sorted(found)


def test_the_short_answer_stands_beside_the_replay_which_is_seen_without_scrolling(visit: Visit) -> None:
    page = visit("/entries/why-neurons-differ", viewport={"width": 1280, "height": 720})
    expect(page.locator("replay-player [role=gridcell]").first).to_be_visible()
    names = (".answer-head .lead", "#replay", "replay-player [role=gridcell]")
    answer, replay, first = (box(page, name) for name in names)
    assert answer["x"] + answer["width"] <= replay["x"]
    assert replay["y"] < answer["y"]
    assert first["y"] + first["height"] < 720


def test_every_short_answer_takes_three_lines_at_most_beside_the_replay(visit: Visit) -> None:
    page = visit("/", viewport={"width": 1280, "height": 720})
    lines = {}
    for slug in ENTRIES:
        page.goto(f"/entries/{slug}")
        height = "each => each.getBoundingClientRect().height / parseFloat(getComputedStyle(each).lineHeight)"
        lines[slug] = round(page.locator(".answer-head .lead").evaluate(height))
    assert {slug: count for slug, count in lines.items() if count > 3} == {}


@pytest.mark.parametrize("slug", ["why-neurons-differ", "how-the-output-layer-combines-neurons"])
def test_on_a_phone_the_short_answer_fills_no_more_than_the_first_screen(visit: Visit, slug: str) -> None:
    page = visit(f"/entries/{slug}", viewport={"width": 360, "height": 740})
    answer, replay = box(page, ".answer-head .lead"), box(page, "#replay")
    assert answer["y"] + answer["height"] <= 740
    assert replay["y"] + 60 < 740


def box(page: Page, name: str) -> FloatRect:
    found = page.locator(name).first.bounding_box()
    assert found is not None
    return found


def test_figures_stand_beside_the_paragraphs_that_speak_of_them(visit: Visit) -> None:
    page = visit("/entries/two-neurons-one-line")
    for name, words in (("push", "A direct test."), ("twins", "Near twins.")):
        figure, paragraph = box(page, f"#placed-{name}"), box(page, f".explained p:has-text('{words}')")
        assert paragraph["x"] + paragraph["width"] <= figure["x"]
        assert abs(paragraph["y"] - figure["y"]) < 400
        assert page.locator(f"#evidence img[src*='{name}']").count() == 0
    page.set_viewport_size({"width": 360, "height": 740})
    figure, paragraph = box(page, "#placed-push"), box(page, ".explained p:has-text('A direct test.')")
    assert figure["y"] + figure["height"] <= paragraph["y"]
