"""The replay plays, pauses, and is dragged."""

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import until
from tests.browser.replays import Recorded, Show, Stage, counted, position, replay, seek


def test_it_plays_once_from_start_to_end_when_it_is_seen(show: Show, split: Recorded) -> None:
    page = show(replay(split.data, split.cohort()), reduced_motion="no-preference")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    until(lambda: position(page) > 5, 60, "the replay")
    until(lambda: position(page) == len(split.steps) - 1, 60, "the replay")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    expect(page.get_by_text(counted(split, -1))).to_be_visible()


def test_nothing_moves_until_asked_where_less_motion_is_wanted(show: Show, split: Recorded) -> None:
    page = show(replay(split.data, split.cohort()))
    expect(page.get_by_role("slider")).to_be_visible()
    page.wait_for_timeout(500)
    assert position(page) == 0
    page.get_by_role("button", name="Play").click()
    until(lambda: position(page) > 1, 60, "the replay")


def test_the_slider_goes_both_ways_and_says_where_it_is(show: Show, split: Recorded) -> None:
    page = show(replay(split.data, split.cohort()))
    slider = page.get_by_role("slider", name="Step of training")
    last = len(split.steps) - 1
    seek(page, last)
    expect(slider).to_have_attribute("aria-valuetext", f"step 800, {counted(split, -1)}")
    seek(page, 20)
    expect(slider).to_have_attribute("aria-valuetext", f"step {split.steps[20]}, {counted(split, 20)}")
    seek(page, 20.5)
    between = f"between steps {split.steps[20]} and {split.steps[21]}"
    expect(slider).to_have_attribute("aria-valuetext", f"{between}; at step {split.steps[20]}, {counted(split, 20)}")
    expect(page.locator(".step")).to_have_text(f"{between}, counted at {split.steps[20]}")
    slider.focus()
    for key, expected in (("ArrowRight", 21), ("ArrowRight", 22), ("ArrowLeft", 21), ("End", last), ("Home", 0)):
        page.keyboard.press(key)
        assert position(page) == expected
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_parameters_lie_between_recorded_ones_and_are_exact_at_them(show: Show, split: Recorded) -> None:
    page = show(replay(split.data, split.cohort()))
    parameters = split.trained.history.parameters  # (steps, P, networks)
    before, after = parameters[20, :, 3], parameters[21, :, 3]
    for place, expected in ((20, before), (20.25, 0.75 * before + 0.25 * after), (21, after)):
        drawn = page.locator("replay-player[ready]").evaluate(
            "(player, place) => [...player.cohorts[0].interpolate(place, 3, new Float32Array(18))]", place
        )
        if place in {20, 21}:
            assert np.array_equal(np.array(drawn, np.float32), expected)
        else:
            np.testing.assert_allclose(drawn, expected, rtol=1e-5, atol=1e-6)


def test_it_pauses_once_at_the_moment_and_says_why(show: Show, split: Recorded) -> None:
    moment = {"step": split.steps[12], "caption": "Here the lines begin to turn."}
    page = show(replay(split.data, split.cohort(moment=moment)), reduced_motion="no-preference")
    expect(page.get_by_text(f"Step {split.steps[12]}: Here the lines begin to turn.")).to_be_visible()
    assert position(page) == 12
    page.get_by_role("button", name=f"Paused at step {split.steps[12]}: play on", exact=True).click()
    expect(page.get_by_role("button", name="Paused")).to_have_count(0)
    until(lambda: position(page) == len(split.steps) - 1, 60, "the replay")


def test_the_button_says_that_it_waits_where_the_caption_is_out_of_sight(show: Show, split: Recorded) -> None:
    moment = {"step": split.steps[12], "caption": "Here the lines begin to turn."}
    page = show(
        replay(split.data, split.cohort(moment=moment)),
        reduced_motion="no-preference",
        viewport={"width": 344, "height": 420},
    )
    page.locator("replay-player[ready]").evaluate("player => player.scrollIntoView()")
    button = page.get_by_role("button", name=f"Paused at step {split.steps[12]}: play on")
    expect(button).to_be_in_viewport()
    expect(page.get_by_text("Here the lines begin to turn.")).not_to_be_in_viewport()
    told = button.evaluate(
        "each => { const { content, width } = getComputedStyle(each, '::after'); return [content, width]; }"
    )
    assert told[0] in {f'"Paused at step {split.steps[12]}: play on"', "attr(aria-label)"}
    assert float(told[1].removesuffix("px")) > 100
    assert page.evaluate("document.documentElement.scrollWidth") <= 344


@pytest.mark.parametrize(
    "size", [(700, 800), (576, 800), (344, 740), (690, 520)], ids=lambda size: f"{size[0]}x{size[1]}"
)
def test_no_map_moves_at_the_moment(show: Show, split: Recorded, size: tuple[int, int]) -> None:
    caption = "From here on, more than half of the networks have nearly every point right."
    moment = {"step": split.steps[12], "caption": caption}
    page = show(replay(split.data, split.cohort(moment=moment)), viewport={"width": size[0], "height": size[1]})
    cell = page.get_by_role("gridcell").last
    seek(page, 11)
    before = cell.bounding_box()
    seek(page, 12)
    expect(page.get_by_text(caption)).to_be_visible()
    page.wait_for_timeout(500)  # What is packed anew is so in the next frame, and names follow.
    assert cell.bounding_box() == before


def test_on_a_narrow_screen_the_maps_stand_right_below_slider_and_counts(show: Show, split: Recorded) -> None:
    page = show(replay(split.data, split.cohort()), viewport={"width": 344, "height": 740})
    cell, words = page.get_by_role("gridcell"), page.locator(".words")
    until(lambda: is_in_order(page), 30, "the order of the first frame that is drawn")
    bottom = page.locator(".head").evaluate("each => each.getBoundingClientRect().bottom")
    assert 0 <= page.locator(".stage").evaluate("each => each.getBoundingClientRect().top") - bottom < 12
    assert words.evaluate("each => each.getBoundingClientRect().top") > bottom + 100
    cell.first.click()
    picture = page.locator(".network .map").evaluate("each => each.getBoundingClientRect().bottom")
    assert words.evaluate("each => each.getBoundingClientRect().top") > picture


@pytest.mark.parametrize("width", [344, 700])
def test_the_keyboard_goes_in_the_order_in_which_things_stand(show: Show, split: Recorded, width: int) -> None:
    page = show(replay(split.data, split.cohort()), viewport={"width": width, "height": 740})
    until(lambda: is_in_order(page), 30, "the order of the first frame that is drawn")
    page.set_viewport_size({"width": 1044 - width, "height": 740})
    until(lambda: is_in_order(page), 30, "the other order")
    page.get_by_role("gridcell").first.click()
    until(lambda: is_in_order(page), 30, "the order with an opened network")


def is_in_order(page: Page) -> bool:
    """Tell whether what can be seen of the player begins further down the later it comes in the document."""
    tops: list[float] = page.locator("replay-player[ready] .frame > *").evaluate_all(
        "all => all.filter(each => each.offsetHeight).map(each => each.getBoundingClientRect().top)"
    )
    return len(tops) > 2 and tops == sorted(tops)


def test_a_held_replay_waits_at_the_start_without_counts_until_it_is_released(show: Show, split: Recorded) -> None:
    page = show(replay(split.data, split.cohort()), attributes="held", reduced_motion="no-preference")
    expect(page.get_by_text("before training")).to_be_visible()
    expect(page.get_by_text("Guess first (or “Just show me”)")).to_be_visible()
    expect(page.get_by_role("slider")).to_have_attribute("title", re.compile("^Guess first"))
    expect(page.get_by_role("slider")).to_have_attribute("aria-valuetext", re.compile("Guess first"))
    expect(page.get_by_role("button", name="Play")).to_be_disabled()
    expect(page.get_by_text("have every point right")).to_have_count(0)
    expect(page.get_by_text("got there")).to_have_count(0)
    expect(page.get_by_text("To be learned: each dot’s colour.")).to_be_visible()
    page.get_by_role("gridcell").first.click()
    for told in (".curves", ".network .kind", ".network .state"):
        expect(page.locator(told)).to_be_hidden()
    page.keyboard.press("Escape")
    page.wait_for_timeout(500)  # The address follows once nothing moves, and holds no step that would be gone to.
    assert "step" not in str(page.evaluate("location.hash"))
    page.locator("replay-player[ready]").evaluate("player => player.removeAttribute('held')")
    until(lambda: position(page) > 1, 60, "the replay")
    expect(page.get_by_text("Guess first")).to_have_count(0)
    expect(page.get_by_role("slider")).to_have_attribute("title", "")
    expect(page.locator(".counts")).to_contain_text("have every point right")


def test_when_it_is_released_it_goes_where_the_address_says(show: Show, split: Recorded) -> None:
    page = show(
        replay(split.data, split.cohort()),
        attributes="held",
        fragment=f"#replay&network=2&step={split.steps[20]}",
        reduced_motion="no-preference",
    )
    expect(page.get_by_role("region", name="Network 2")).to_be_visible()
    assert position(page) == 0
    page.locator("replay-player[ready]").evaluate("player => player.removeAttribute('held')")
    expect(page.locator(".step")).to_have_text(f"step {split.steps[20]}")
    page.wait_for_timeout(300)
    assert position(page) == 20


def test_a_replay_that_another_may_soon_replace_is_not_fetched_at_once(
    show: Show, stage: Stage, split: Recorded
) -> None:
    sent = replay(split.data, split.cohort())
    page = show(sent, attributes='after="60000"')
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(300)
    assert [url for url in asked if "/replays/" in url] == []
    expect(page.get_by_text("Today's figure")).to_be_visible()
    stage.replays["fresh"] = sent
    page.evaluate("""() => {
      const fresh = document.createElement("replay-player");
      fresh.setAttribute("src", "/replays/fresh");
      document.querySelector("replay-player").replaceWith(fresh);
    }""")
    expect(page.locator("replay-player[ready]")).to_be_visible()
    assert [url for url in asked if "/replays/" in url] == [f"{stage.address}/replays/fresh"]
