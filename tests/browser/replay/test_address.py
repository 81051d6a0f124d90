"""What the address keeps of a replay, and what it says wrongly."""

import pytest
from playwright.sync_api import expect

from tests.browser.replays import Recorded, Show, position, replay


@pytest.mark.parametrize(
    ("fragment", "words"),
    [
        ("#replay&network=twelve", "network “twelve” (0 to 11)"),
        ("#replay&network=12", "network “12” (0 to 11)"),
        ("#replay&step=-1", "step “-1” (0 to 800)"),
        ("#replay&step=1e9", "step “1e9” (0 to 800)"),
        ("#replay&step=900", "step “900” (0 to 800)"),
        ("#replay&cohort=none&network=1", "cohort “none” (there is main)"),
        ("#replay&pins=main:0,main:1,main:2", "pin “main:2” (two networks at most"),
        ("#replay&pins=<b>", "pin “<b>”"),
    ],
)
def test_what_the_address_says_wrongly_is_named_and_not_followed(
    show: Show, split: Recorded, fragment: str, words: str
) -> None:
    page = show(replay(split.data, split.cohort()), fragment=fragment)
    expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible()
    assert position(page) == 0


def test_addresses_of_other_parts_of_the_page_are_left_alone(show: Show, split: Recorded) -> None:
    page = show(replay(split.data, split.cohort()), fragment="#replays&network=1")
    expect(page.get_by_role("slider")).to_be_visible()
    expect(page.get_by_role("region", name="Network")).to_have_count(0)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_text_leads_to_the_moment_without_knowing_its_step(show: Show, split: Recorded) -> None:
    moment = {"step": split.steps[12], "caption": "Here the lines begin to turn."}
    page = show(replay(split.data, split.cohort(moment=moment)), fragment="#replay&network=3&step=moment")
    expect(page.get_by_role("region", name="Network 3")).to_be_visible()
    assert position(page) == 12
    expect(page.get_by_text("Here the lines begin to turn.")).to_be_visible()


def test_back_closes_a_network_that_was_opened(show: Show, split: Recorded) -> None:
    page = show(replay(split.data, split.cohort()))
    page.get_by_role("gridcell", name="network 3:").click()
    opened = page.get_by_role("region", name="Network 3")
    page.wait_for_url("**network=3")
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**network=4")
    page.go_back()
    expect(page.get_by_role("gridcell").first).to_be_visible()
    expect(page.get_by_role("region", name="Network")).to_have_count(0)
    page.go_forward()
    expect(page.get_by_role("region", name="Network 4")).to_be_visible()
    expect(opened).to_have_count(0)


def test_a_closed_network_is_opened_no_more_by_address_or_back(show: Show, split: Recorded) -> None:
    page = show(replay(split.data, split.cohort()))
    page.get_by_role("gridcell", name="network 3:").click()
    page.get_by_role("button", name="Pin").click()
    page.wait_for_url("**&network=3&pins=main:3")
    page.get_by_role("button", name="All networks").click()
    page.wait_for_url("**#replay&step=0")
    page.reload()
    expect(page.get_by_role("gridcell").first).to_be_visible()
    expect(page.get_by_role("region", name="Network")).to_have_count(0)
    page.get_by_role("gridcell", name="network 5:").click()
    page.get_by_role("button", name="Pin").click()
    page.get_by_role("button", name="Next network").click()
    page.wait_for_url("**&network=6&pins=main:5")
    page.go_back()
    expect(page.get_by_role("gridcell").first).to_be_visible()
    page.wait_for_timeout(500)  # until the address follows
    assert page.url.endswith("#replay&step=0")


def test_the_address_keeps_the_step_that_the_keyboard_chose(show: Show, split: Recorded) -> None:
    page = show(replay(split.data, split.cohort()))
    page.get_by_role("slider").press("End")
    page.wait_for_url("**#replay&step=800")
