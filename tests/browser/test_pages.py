"""Every page and state: accessible, in light and dark, at home on a phone, and still while results arrive."""

import re
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from assistant.database import db, writing
from assistant.runs.tables import DONE, FAILED, RunRow
from tests.browser.conftest import UNSURE, Service, Visit, violations

QUESTION = "Why do we have to start from random weights and not just from zeros?"
LONG = "Why " + "does_a_neuron_with_a_very_long_name_" * 12 + " start from random weights and not from zeros?"
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}


@dataclass(frozen=True)
class State:
    """A page in one state: how to get there, and whether the worker is held there."""

    reach: Callable[[Page], None]
    held: bool = False
    allowed: str | None = None


def asked(question: str, then: str) -> Callable[[Page], None]:
    def reach(page: Page) -> None:
        page.get_by_role("textbox").fill(question)
        page.get_by_role("button", name="Ask", exact=True).click()
        expect(page.locator(then)).to_be_visible()

    return reach


def opened(path: str) -> Callable[[Page], None]:
    def reach(page: Page) -> None:
        page.goto(path)

    return reach


def typed(page: Page) -> None:
    page.get_by_role("textbox").press_sequentially("do identical neurons stay identical")
    expect(page.locator("#suggestions")).to_contain_text("Perhaps you mean")


def all_open(page: Page) -> None:
    page.goto("/entries/same-features-different-neurons")
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")


def varied(value: str, then: str) -> Callable[[Page], None]:
    """Vary the rate of an entry by keyboard alone."""

    def reach(page: Page) -> None:
        page.goto("/entries/two-neurons-one-line")
        control = page.get_by_label("learning rate", exact=True)
        control.focus()
        control.fill(value)
        page.keyboard.press("Enter")
        expect(page.locator(then)).to_be_visible()

    return reach


STATES = {
    "home": State(opened("/")),
    "suggestions": State(typed),
    "prefilled": State(opened("/?q=Do+neurons+compete%3F")),
    "refused": State(opened("/?q=%3F%3F")),
    "pending": State(asked(QUESTION, "#status.waiting"), held=True),
    "done": State(asked(QUESTION, "#status.fresh")),
    "long-word": State(asked(LONG, ".asked q")),
    "suggest": State(asked(UNSURE, ".cards")),
    "unknown": State(asked("How do I bake sourdough bread?", "h1")),
    "entry": State(opened("/entries/why-a-neuron-splits-the-blobs-in-two")),
    "mathematics": State(opened("/entries/two-neurons-one-line")),
    "all-open": State(all_open),
    "browse": State(opened("/entries")),
    "run": State(opened("/runs/made-contrary")),
    "varying": State(varied("0.2", "#status.waiting"), held=True),
    "varied": State(varied("0.3", "#status.fresh")),
    "not-varied": State(varied("0,3", "#parameter-rate-problem"), allowed="status of 422"),
    "failed-run": State(opened("/runs/made-failed")),
    "missing": State(opened("/nothing/here"), allowed="status of 404"),
}


@pytest.fixture(scope="session", autouse=True)
def made_runs(app: Flask) -> None:
    """Two runs as the worker would store them: one whose first claim did not hold, and one that failed."""
    with app.app_context(), writing():
        done = db.session.scalars(
            select(RunRow).where(RunRow.state == DONE, RunRow.evidence).order_by(RunRow.entry_id)
        ).first()
        assert done is not None
        assert done.verdicts is not None
        kept = {
            name: getattr(done, name)
            for name in ("entry_id", "revision_id", "experiment", "hyperparameters", "networks", "seed", "claims")
        }
        result = {name: getattr(done, name) for name in ("setup", "findings", "seconds", "versions", "finished_at")}
        first, *others = (each for each in done.verdicts if not each.claim.theorem)
        unjudged = others[-1].model_copy(update={"held": None, "finding": None})
        verdicts = (first.model_copy(update={"held": False}), *others[:-1], unjudged)
        reason = "the worker stopped 3 times while this run was being trained"
        contrary = RunRow(id="made-contrary", evidence=False, state=DONE, verdicts=verdicts, **kept, **result)
        failed = RunRow(id="made-failed", evidence=False, state=FAILED, failure=reason, **kept)
        db.session.add_all([contrary, failed])


@pytest.mark.parametrize("state", STATES.values(), ids=STATES.keys())
def test_page_has_no_barrier_and_no_sideways_scroll(visit: Visit, service: Service, state: State) -> None:
    with service.worker_held() if state.held else nullcontext():
        page = visit("/", allowed=state.allowed, color_scheme="light")
        state.reach(page)
        assert violations(page) == [], "light, wide"
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        assert violations(page) == [], "dark, narrow"
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        levels: list[int] = page.evaluate(
            "[...document.querySelectorAll('h1, h2, h3, h4')].map(each => Number(each.tagName[1]))"
        )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(deeper <= upper + 1 for upper, deeper in pairwise(levels))


def test_a_claim_that_failed_is_shown_as_failed(visit: Visit) -> None:
    page = visit("/runs/made-contrary")
    claims = page.locator("#verdicts .claims > li")
    expect(claims.first.locator(".verdict")).to_have_text("failed")
    expect(claims.last.locator(".verdict")).to_have_text("not judged")
    count = claims.count()
    expect(page.locator("#verdict")).to_have_text(
        re.compile(f"{count - 2} of {count} claims held.*; 1 could not be judged.$")
    )


def test_a_run_that_failed_says_why(visit: Visit) -> None:
    page = visit("/runs/made-failed")
    expect(page.locator("#status")).to_contain_text("This run failed")
    expect(page.locator("#status")).to_contain_text("The worker stopped 3 times")
    expect(page.locator("#status")).to_contain_text("Shown instead is the latest stored run")


WATCH = """
window.shifted = 0;
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) window.shifted += entry.value;
}).observe({type: "layout-shift", buffered: true});
"""


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize(
    "question",
    [QUESTION, "Do neurons in one layer compete, or do they cooperate?"],
    ids=["same-figure", "wall"],
)
def test_nothing_jumps_when_fresh_results_arrive(
    visit: Visit, service: Service, size: dict[str, int], question: str
) -> None:
    page = visit("/", viewport=size)
    with service.worker_held():
        asked(question, "#status.waiting")(page)
        page.wait_for_load_state("load")
        page.evaluate(WATCH)
        page.evaluate("window.shifted = 0")
        before = places(page)
    expect(page.locator("#status.fresh")).to_be_visible()
    page.evaluate("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    assert places(page) == pytest.approx(before, abs=1)
    assert page.evaluate("window.shifted") < 0.01


def places(page: Page) -> dict[str, float]:
    """Return where each claim, the replay, the explanation, its figures and all that follows them stand."""
    found: dict[str, float] = page.evaluate(
        """[...document.querySelectorAll(
            '#verdicts .claims > li, #stage, .prose, .placed, .placed figure, #vary, #evidence')]
        .reduce((places, each, at) => ({
            ...places, [`${at} ${each.tagName} ${each.id}`]: each.getBoundingClientRect().top + scrollY
        }), {})"""
    )
    return found


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_varied_run_fills_its_place_beside_the_entrys_own(
    visit: Visit, service: Service, size: dict[str, int]
) -> None:
    page = visit("/", viewport=size)
    with service.worker_held():
        rate = f"0.0{size['width']}".rstrip("0")  # The same rate would not be trained again.
        varied(rate, "#status.waiting")(page)
        expect(page.locator("#status")).to_contain_text(f"With learning rate {rate} instead of 0.01")
        assert page.locator("#explanation").is_visible()
    expect(page.locator("#status.fresh")).to_be_visible()
    for pair in page.locator("#verdicts .pair").all():
        assert pair.locator(".verdict").count() == 2
    expect(page.locator("#stage replay-player[beside]")).to_have_attribute("title-beside", f"learning rate {rate}")
    assert page.locator("#announce").inner_text()


def test_what_was_typed_wrong_has_the_focus(visit: Visit) -> None:
    page = visit("/", allowed="status of 422")
    varied("0,3", "#parameter-rate-problem")(page)
    expect(page.get_by_label("learning rate", exact=True)).to_be_focused()
    expect(page.get_by_label("learning rate", exact=True)).to_have_value("0,3")


def test_motion_is_reduced_on_request(visit: Visit, service: Service) -> None:
    page = visit("/", reduced_motion="reduce")
    with service.worker_held():
        asked(QUESTION, "progress")(page)
        moving = page.evaluate("[...document.querySelectorAll('*')].filter(e => e.getAnimations().length).length")
    assert moving == 0


def test_focus_is_visible_everywhere(visit: Visit) -> None:
    page = visit("/entries/two-neurons-one-line")
    seen = 0
    for _ in range(60):
        page.keyboard.press("Tab")
        tag, width, style = page.evaluate(
            """(() => { let at = document.activeElement;
            while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
            const look = getComputedStyle(at);
            return [at.tagName, parseFloat(look.outlineWidth), look.outlineStyle] })()"""
        )
        if tag == "BODY":
            break
        assert width >= 2, tag
        assert style != "none", tag
        seen += 1
    assert seen >= 10


def test_print_leaves_the_forms_out(visit: Visit) -> None:
    page = visit("/entries/two-neurons-one-line")
    page.emulate_media(media="print")
    expect(page.locator("#train")).to_be_hidden()
    expect(page.locator("#verdicts .claims")).to_be_visible()


@pytest.mark.parametrize("options", [{}, {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"}])
def test_a_measured_number_opens_what_stands_behind_it(visit: Visit, options: dict[str, Any]) -> None:
    page = visit("/entries/why-a-neuron-splits-the-blobs-in-two", **options)
    number = page.locator(".explained [popovertarget='finding:complementary_share']").first
    note = page.locator("#notes .note:popover-open")
    number.focus()
    page.wait_for_load_state("networkidle")  # Pictures nearby are loaded as they come near.
    number.scroll_into_view_if_needed()
    height, place = page.evaluate("document.documentElement.scrollHeight"), number.bounding_box()
    page.keyboard.press("Enter")
    expect(note).to_contain_text(re.compile(r"of [\d,]+ networks in \d+ runs?"))
    assert (page.evaluate("document.documentElement.scrollHeight"), number.bounding_box()) == (height, place)
    shown, width = note.bounding_box(), page.evaluate("document.documentElement.clientWidth")
    assert shown is not None
    assert place is not None
    assert shown["x"] >= 0
    assert shown["x"] + shown["width"] <= width
    assert min(abs(shown["y"] - place["y"] - place["height"]), abs(place["y"] - shown["y"] - shown["height"])) < 20
    page.keyboard.press("Tab")
    expect(note).to_be_focused()
    page.keyboard.press("Escape")
    expect(note).to_have_count(0)
    expect(number).to_be_focused()
    page.emulate_media(media="print")
    assert page.locator("#notes .note:visible").count() == page.locator("#notes .note").count() > 10
