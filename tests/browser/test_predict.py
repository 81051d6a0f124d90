"""Guess before you see: what waits for the guess, and how it is drawn into the result."""

import re
import sqlite3
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Service, Visit

SLUG = "why-a-neuron-splits-the-blobs-in-two"
ENTRY = f"/entries/{SLUG}"
PHONE = {"width": 360, "height": 740}


def expect_question(page: Page) -> None:
    expect(page.get_by_label("Of 64 fresh networks, how many split the blobs two and two")).to_be_visible()
    expect(page.locator("#verdict")).to_be_hidden()
    expect(page.locator("#outcome")).to_be_hidden()
    expect(page.locator("#verdicts .claims")).to_be_hidden()


def expect_result(page: Page, beginning: str) -> None:
    expect(page.locator("#predict")).to_be_hidden()
    line = re.compile(rf"^\s*{beginning}\s*\d+ of 64 did")
    expect(page.locator("#outcome .guess-line")).to_have_text(line, use_inner_text=True)
    expect(page.locator("#verdict")).to_be_visible()
    expect(page.locator("#verdicts .claims")).to_be_visible()


def guesses(service: Service) -> list[int]:
    with closing(sqlite3.connect(service.data_dir / "askneuron.sqlite", timeout=10)) as database:
        return [guess for (guess,) in database.execute("SELECT guess FROM guesses ORDER BY id")]


def test_the_page_asks_before_it_tells_and_remembers_the_answer_for_the_visit(visit: Visit, service: Service) -> None:
    before = guesses(service)
    page = visit(ENTRY)
    player = page.locator("replay-player")
    expect_question(page)
    expect(player).to_have_attribute("ready", "")
    expect(player).to_have_attribute("held", "")
    player.get_by_role("gridcell").first.click()
    expect(player.get_by_role("region").or_(player.locator(".opened")).first).to_be_visible()
    expect(page.locator(".explained")).to_be_visible()
    page.get_by_label("Your guess, as a slider").press("ArrowRight")
    expect(page.locator("#guess")).to_have_value("33")
    with page.expect_response("**/guesses") as sent:
        page.locator("#guess").press("Enter")
    expect_result(page, "You guessed 33 of 64;")
    expect(page.locator("#outcome")).to_be_focused()
    expect(player).not_to_have_attribute("held", "")
    assert sent.value.status == 201
    assert guesses(service) == [*before, 33]
    page.reload()
    expect_result(page, "You guessed 33 of 64;")
    expect(page.locator("replay-player")).not_to_have_attribute("held", "")
    expect_question(visit(ENTRY))


def test_one_may_just_be_shown(visit: Visit, service: Service) -> None:
    before = guesses(service)
    page = visit(ENTRY, viewport=PHONE)
    page.get_by_role("button", name="Just show me").click()
    expect_result(page, "")
    expect(page.locator("#outcome .own")).to_be_hidden()
    assert guesses(service) == before


@pytest.mark.parametrize("typed", ["", "65", "-1", "3.5"])
def test_a_bad_guess_is_not_taken(visit: Visit, typed: str) -> None:
    page = visit(ENTRY)
    page.locator("#guess").fill(typed)
    page.get_by_role("button", name="Guess", exact=True).click()
    expect(page.locator("#guess")).to_be_focused()
    assert page.locator("#guess").evaluate("field => field.validationMessage")
    expect(page.locator("#guess")).to_have_value(typed)
    expect_question(page)


def test_fresh_networks_wait_for_the_guess_too(visit: Visit) -> None:
    page = visit(ENTRY)
    page.locator("#train").click()
    expect(page.locator("#status.fresh")).to_be_visible()
    expect_question(page)
    expect(page.locator("replay-player")).to_have_attribute("held", "")
    expect(page.locator("#announce")).to_have_text("64 fresh networks are trained.")
    page.locator("#guess").fill("7")
    page.get_by_role("button", name="Guess", exact=True).click()
    expect_result(page, "You guessed 7 of 64;")
    first = page.locator("replay-player").get_attribute("src")
    page.locator("#train").click()
    expect(page.locator("replay-player")).not_to_have_attribute("src", first or "")
    expect_result(page, "You guessed 7 of 64;")
    expect(page.locator("#verdict")).to_contain_text("held, just now.")
    expect(page.locator("#outcome .guess-line")).to_have_text(
        re.compile(r"did: (not )?as claimed \((at least|at most|from|exactly|all|none).*\)\.$"), use_inner_text=True
    )
    expect(page.locator("replay-player")).not_to_have_attribute("held", "")


def test_without_javascript_nothing_is_asked_and_nothing_hidden(visit: Visit) -> None:
    page = visit(ENTRY, java_script_enabled=False)
    expect(page.locator("#predict")).to_be_hidden()
    expect(page.locator("#verdict")).to_be_visible()
    expect(page.locator("#verdicts .claims")).to_be_visible()


def test_a_print_tells_and_does_not_ask(visit: Visit) -> None:
    page = visit(ENTRY)
    expect_question(page)
    page.emulate_media(media="print")
    expect(page.locator("#predict")).to_be_hidden()
    expect(page.locator("#verdict")).to_be_visible()
    expect(page.locator("#verdicts .claims")).to_be_visible()


def test_the_replay_begins_with_the_networks_that_the_question_is_about(visit: Visit) -> None:
    page = visit("/entries/how-many-hidden-neurons")
    player = page.locator("replay-player")
    expect(player.get_by_role("tab", selected=True)).to_have_text("XOR, 2 neurons")
    page.get_by_role("button", name="Just show me").click()
    expect(player.get_by_role("tab", selected=True)).to_have_text("XOR, 2 neurons")


def test_a_change_shows_what_it_does_and_asks_no_more(visit: Visit) -> None:
    page = visit(ENTRY)
    expect_question(page)
    page.get_by_label("learning rate", exact=True).fill("0.04")
    page.keyboard.press("Tab")
    expect(page.locator("#stage replay-player[beside][ready]:not([held])")).to_be_visible()
    expect_shown(page)
    assert page.evaluate("document.activeElement.id") != "outcome"  # Whoever types goes on typing.
    page.reload()
    expect_shown(page)


def expect_shown(page: Page) -> None:
    expect(page.locator("#predict")).to_be_hidden()
    expect(page.locator("#verdict")).to_be_visible()
    expect(page.locator("#verdicts .pair").first).to_be_visible()


@pytest.mark.parametrize(("viewport", "said"), [(None, "Move the slider, or type a number"), (PHONE, "Type a number")])
def test_whoever_guesses_without_a_number_is_told_how(visit: Visit, viewport: Any, said: str) -> None:
    page = visit(ENTRY, **({"viewport": viewport} if viewport else {}))
    page.get_by_role("button", name="Guess", exact=True).click()
    expect_question(page)
    number = page.locator("#guess")
    expect(number).to_have_js_property("validationMessage", f"{said} from 0 to 64.")
    number.fill("32")
    page.get_by_role("button", name="Guess", exact=True).click()
    expect_result(page, "You guessed 32 of 64;")
