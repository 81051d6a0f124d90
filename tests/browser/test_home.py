"""The home page: before anything is asked, networks learn there, and can be touched."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit, until
from tests.browser.replays import position, seek

WIDE: Any = {"width": 1280, "height": 720}
PHONE: Any = {"width": 360, "height": 740}


def wall(page: Page) -> Any:
    expect(page.locator("replay-player[ready]")).to_be_visible()
    return page.locator("#hero-wall")


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_networks_learn_in_the_first_screen_and_can_be_dragged(visit: Visit, viewport: Any) -> None:
    page = visit(viewport=viewport)
    slider = wall(page).get_by_role("slider")
    last = float(slider.get_attribute("max") or 0) / 100
    until(lambda: position(page) == last, 30, "the networks to be played to the end, without a stop")
    box = slider.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < viewport["height"]
    page.mouse.move(box["x"] + box["width"] - 10, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.up()
    assert abs(position(page) - last / 2) < last / 10


def test_what_they_did_is_guessed_on_the_page_of_their_question(visit: Visit) -> None:
    page = visit()
    figure = wall(page)
    question = figure.locator("figcaption").inner_text()
    expect(figure.locator(".counts, .course, .tabs").filter(visible=True)).to_have_count(0)
    figure.get_by_role("link", name="Guess").click()
    expect(page.locator("#predict")).to_contain_text(question.rpartition("?")[0])


def test_where_less_motion_is_asked_for_they_move_only_by_hand(visit: Visit) -> None:
    page = visit(reduced_motion="reduce")
    wall(page)
    page.wait_for_timeout(500)
    assert position(page) == 0
    seek(page, 3)
    assert position(page) == 3


def test_without_javascript_a_figure_stands_there(visit: Visit) -> None:
    page = visit(java_script_enabled=False)
    picture = page.locator("#hero-wall img")
    expect(picture).to_be_visible()
    assert len(picture.get_attribute("alt") or "") > 20


def test_examples_make_room_for_what_is_found_while_typing(visit: Visit) -> None:
    page = visit()
    example = page.locator(".hero-examples a").first
    expect(example).to_be_visible()
    top = wall(page).bounding_box()
    page.get_by_role("textbox").fill("Why do neurons of one layer differ?")
    expect(page.locator("#suggestions button").first).to_be_visible()
    expect(example).to_be_hidden()
    assert wall(page).bounding_box() == top


def test_pasted_code_makes_a_phones_page_no_wider(visit: Visit) -> None:
    page = visit("/", viewport={"width": 360, "height": 740})
    page.get_by_role("textbox").fill(
        "model.compile(loss=SparseCategoricalCrossentropy(from_logits=True),optimizer=Adam())"
    )
    assert page.evaluate("document.documentElement.scrollWidth") == 360
