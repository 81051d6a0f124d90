"""The replay in its page: without JavaScript, in print, in a frame, for axe, and without layout shifts."""

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import expect

from tests.browser.replays import Recorded, Show, replay


def test_without_javascript_and_in_print_the_figure_stands(show: Show, split: Recorded) -> None:
    page = show(replay(split.data, split.cohort()), java_script_enabled=False)
    expect(page.get_by_text("Today's figure")).to_be_visible()
    page = show(replay(split.data, split.cohort()))
    expect(page.get_by_role("slider")).to_be_visible()
    expect(page.get_by_text("Today's figure")).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.get_by_text("Today's figure")).to_be_visible()
    expect(page.get_by_role("slider")).to_be_hidden()


def test_it_works_in_a_sandboxed_frame(show: Show, split: Recorded) -> None:
    page = show(replay(split.data, split.cohort()), path="test-frames")
    frame = page.frame_locator("iframe")
    frame.get_by_role("gridcell").first.click()
    expect(frame.get_by_role("region", name="Network 0")).to_be_visible()
    assert page.frames[1].evaluate("origin") == "null"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(show: Show, split: Recorded, scheme: str) -> None:
    cohorts = [split.cohort(name) for name in ("one", "two", "three")]
    page = show(replay(split.data, *cohorts), color_scheme=scheme, allowed="inline style")  # that of axe itself
    expect(page.get_by_role("gridcell").first).to_be_visible()
    for opened in (False, True):
        if opened:
            page.get_by_role("gridcell").first.click()
            expect(page.get_by_role("region", name="Network 0")).to_be_visible()
        violations = Axe().run(page).response["violations"]
        assert not violations, [(each["id"], [node["html"] for node in each["nodes"]]) for each in violations]


SHIFTS = """() => new Promise((resolve) => {
  const named = ({ node, previousRect, currentRect }) =>
    [node?.outerHTML ?? node?.textContent, JSON.stringify(previousRect), JSON.stringify(currentRect)];
  const told = (list) => resolve(list.getEntries().flatMap(({ sources }) => sources.map(named)));
  new PerformanceObserver(told).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve([]), 300);
})"""


def test_nothing_shifts_when_the_replay_arrives(show: Show, split: Recorded) -> None:
    page = show(replay(split.data, split.cohort()))
    expect(page.get_by_role("slider")).to_be_visible()
    page.wait_for_timeout(300)
    assert page.evaluate(SHIFTS) == []
