"""A second run beside the first one: the same networks at the same places."""

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from models.datasets import blobs
from tests.browser.conftest import until
from tests.browser.replays import BLOBS, Recorded, Show, Stage, counted, position, recorded, replay, seek

BESIDE = 'beside="/replays/other" title-own="800 steps" title-beside="{steps} steps"'


@pytest.fixture(scope="module")
def longer() -> Recorded:
    return recorded(BLOBS, blobs.load(), networks=12, steps=1000, batch_size=32)


@pytest.fixture(scope="module")
def shorter() -> Recorded:
    return recorded(BLOBS, blobs.load(), networks=12, steps=100, batch_size=32)


def test_the_same_networks_stand_at_the_same_places(
    show: Show, stage: Stage, split: Recorded, shorter: Recorded
) -> None:
    stage.replays["other"] = replay(shorter.data, shorter.cohort())
    page = show(replay(split.data, split.cohort()), attributes=BESIDE.format(steps=100))
    expect(page.get_by_role("gridcell")).to_have_count(24)
    seek(page, len(split.steps) - 1)
    expect(page.get_by_text(counted(split, -1)).first).to_be_visible()
    expect(page.get_by_role("gridcell", name=f"Network 1, 100 steps: {shorter.right()[-1, 1]} of 100")).to_be_visible()
    places = page.get_by_role("gridcell").evaluate_all("all => all.map(each => [each.offsetLeft, each.offsetTop])")
    across = places[12][0] - places[0][0]
    assert across > 0
    assert [[x + across, y] for x, y in places[:12]] == places[12:]


def both(show: Show, stage: Stage, split: Recorded, shorter: Recorded, width: int, height: int = 800) -> Page:
    """Show a run of 800 steps with one of 100 beside it."""
    stage.replays["other"] = replay(shorter.data, shorter.cohort())
    viewport = {"width": width, "height": height}
    return show(replay(split.data, split.cohort()), attributes=BESIDE.format(steps=100), viewport=viewport)


@pytest.mark.parametrize("width", [360, 700])
def test_what_stands_beside_what_is_named_while_the_last_maps_are_looked_at(
    show: Show, stage: Stage, split: Recorded, shorter: Recorded, width: int
) -> None:
    page = both(show, stage, split, shorter, width, height=600)
    expect(page.get_by_role("gridcell")).to_have_count(24)
    page.evaluate("document.body.style.paddingBottom = '2000px'")
    last = page.get_by_role("gridcell").last
    last.evaluate("each => scrollTo(0, scrollY + each.getBoundingClientRect().bottom - 250)")
    for name in ("800 steps", "100 steps"):
        expect(page.locator(".counts").get_by_text(name, exact=True)).to_be_in_viewport()
    expect(last).to_be_in_viewport()


@pytest.mark.parametrize("width", [360, 700])
def test_one_that_is_opened_opens_in_both(
    show: Show, stage: Stage, split: Recorded, shorter: Recorded, width: int
) -> None:
    page = both(show, stage, split, shorter, width)
    page.get_by_role("gridcell", name="Network 3, 100 steps").click()
    panel = page.get_by_role("region", name="Network 3")
    expect(panel.locator(".name")).to_have_text(["Network 3, 800 steps", "Network 3, 100 steps"])
    page.get_by_role("button", name="Next network").click()
    panel = page.get_by_role("region", name="Network 4")
    expect(panel.locator(".name")).to_have_text(["Network 4, 800 steps", "Network 4, 100 steps"])
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_the_slider_goes_to_the_end_of_the_run_that_was_trained_longest(
    show: Show, stage: Stage, split: Recorded, longer: Recorded
) -> None:
    stage.replays["other"] = replay(longer.data, longer.cohort())
    page = show(replay(split.data, split.cohort()), attributes=BESIDE.format(steps="1,000"))
    page.get_by_role("slider").focus()
    page.keyboard.press("End")
    assert position(page) == len(longer.steps) - 1
    told = f"step 1,000, 800 steps: {counted(split, -1)}; 1,000 steps: {counted(longer, -1)}"
    expect(page.get_by_role("slider")).to_have_attribute("aria-valuetext", told)


def test_a_tab_is_for_a_cohort_of_both_runs(show: Show, stage: Stage, split: Recorded, shorter: Recorded) -> None:
    stage.replays["other"] = replay(shorter.data, shorter.cohort("two"), shorter.cohort("one"))
    sent = replay(split.data, split.cohort("one"), split.cohort("two"), split.cohort("of its own"))
    page = show(sent, attributes=BESIDE.format(steps=100))
    expect(page.get_by_role("tab")).to_have_text(["The networks of one", "The networks of two"])
    page.get_by_role("tab").last.click()
    expect(page.get_by_role("gridcell")).to_have_count(24)
    page.get_by_role("gridcell").first.click()
    until(lambda: "cohort=two" in page.evaluate("location.hash"), 5, "the address")


def test_two_runs_without_a_common_cohort_say_so(show: Show, stage: Stage, split: Recorded, shorter: Recorded) -> None:
    stage.replays["other"] = replay(shorter.data, shorter.cohort("others"))
    page = show(replay(split.data, split.cohort()), attributes=BESIDE.format(steps=100))
    expect(page.get_by_role("alert")).to_contain_text("no networks of the same kind")
    expect(page.get_by_text("Today's figure")).to_be_visible()


def test_where_the_change_touches_none_that_can_be_watched_one_wall_says_so(
    show: Show, stage: Stage, split: Recorded
) -> None:
    sent = replay(split.data, split.cohort())
    stage.replays["other"] = sent
    page = show(sent, attributes=BESIDE.format(steps=100))
    expect(page.get_by_text("Your change touches none of the networks that can be watched here.")).to_be_visible()
    expect(page.get_by_role("gridcell")).to_have_count(12)
    expect(page.get_by_role("gridcell", name="Network 3:")).to_be_visible()
    expect(page.get_by_text("not touched by the change")).to_have_count(0)


def thinned(run: Recorded) -> Recorded:
    """Return a run of which every other step was recorded, and the last."""
    history = run.trained.history
    kept = sorted({*range(0, len(history.steps), 2), len(history.steps) - 1})
    fewer = replace(history, steps=history.steps[kept], parameters=history.parameters[kept], loss=history.loss[kept])
    return replace(run, trained=replace(run.trained, history=fewer))


def test_networks_are_the_same_that_were_recorded_at_fewer_steps(
    show: Show, stage: Stage, split: Recorded, shorter: Recorded
) -> None:
    stage.replays["other"] = replay(split.data, thinned(split).cohort("one"), shorter.cohort("two"))
    page = show(replay(split.data, split.cohort("one"), split.cohort("two")), attributes=BESIDE.format(steps=100))
    expect(page.get_by_role("tab", selected=True)).to_have_text("The networks of two")
    page.get_by_role("tab").first.click()
    expect(page.get_by_role("gridcell", name="Network 3, not touched by the change")).to_be_visible()


def test_it_begins_with_networks_to_which_the_change_makes_a_difference(
    show: Show, stage: Stage, split: Recorded, shorter: Recorded
) -> None:
    stage.replays["other"] = replay(split.data, split.cohort("one"), shorter.cohort("two"))
    sent = replay(split.data, split.cohort("one"), split.cohort("two"))
    page = show(sent, attributes=f'{BESIDE.format(steps=100)} about="success.one"')
    expect(page.get_by_role("tab", selected=True)).to_have_text("The networks of two")
    expect(page.get_by_role("gridcell", name="Network 3, 100 steps")).to_be_visible()
    page.get_by_role("tab").first.click()
    expect(page.get_by_role("gridcell", name="Network 3, not touched by the change")).to_be_visible()
