"""What a post asks, its own numbers and its language, in a real browser."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.assistant.questions.test_posts import FIRST, SECOND
from tests.browser.conftest import Visit, violations
from tests.browser.test_asking import type_and_ask

PHONE = {"width": 360, "height": 740}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_each_part_opens_in_place_and_has_its_own_page(visit: Visit, scheme: str) -> None:
    page = visit("/", viewport=PHONE, color_scheme=scheme)
    type_and_ask(page, f"Hello!\n{FIRST}\nmodel.add(Dense(2))\nAlso: {SECOND} Thanks")
    parts = page.locator(".parts")
    expect(parts).to_contain_text("Your post asks 2 things")
    expect(parts.locator(".here")).to_contain_text("This is answered below.")
    frame = parts.locator("iframe")
    expect(frame).to_be_hidden()
    parts.locator("summary").press("Enter")
    expect(frame).to_be_visible()
    expect(page.frame_locator(".parts iframe").locator("main, article").first).to_contain_text("rate")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert violations(page) == []
    page.get_by_text("The whole post").or_(page.get_by_text("All that you wrote")).first.click()
    expect(page.locator(".whole-post .typed")).to_contain_text("model.add(Dense(2))\nAlso", use_inner_text=True)
    own_page = parts.get_by_role("link", name="This answer on its own page")
    link, shown = own_page.bounding_box(), frame.bounding_box()
    assert link is not None
    assert shown is not None
    assert link["y"] + link["height"] <= shown["y"]  # As the frame grows, the link stays where it is.
    own_page.click()
    expect(page.locator(".asked q").first).to_contain_text("learning rate is too large")


def test_own_numbers_are_taken_back_and_put_back_in_place(visit: Visit) -> None:
    page = visit("/", viewport=PHONE)
    type_and_ask(page, f"{FIRST} I train with learning rate 0.3 and 200 steps.")
    page.wait_for_url("**/questions/*")
    path = urlsplit(page.url).path
    numbers = page.locator("#own-numbers")
    expect(numbers).to_contain_text("You asked with learning rate 0.3 and 200 steps")
    assert violations(page) == []
    numbers.get_by_role("button", name="Remove learning rate 0.3").press("Enter")
    expect(numbers).to_contain_text("You asked with 200 steps.")
    numbers.get_by_role("button", name="Train with learning rate 0.3 again").click()
    expect(numbers.get_by_role("button", name="Remove learning rate 0.3")).to_be_visible()
    assert urlsplit(page.url).path == path
    page.reload()
    expect(numbers).to_contain_text(re.compile("learning rate 0.3.*200 steps|200 steps.*learning rate 0.3"))


def test_a_question_out_of_bounds_is_offered_the_nearest(visit: Visit) -> None:
    page = visit("/")
    type_and_ask(page, f"{FIRST} I train with learning rate 5000.")
    numbers = page.locator("#own-numbers")
    expect(numbers).to_contain_text("which is out of bounds")
    numbers.get_by_role("button", name="the nearest").click()
    expect(numbers.get_by_role("button", name=re.compile("Remove learning rate"))).to_be_visible()


def test_another_language_is_answered_in_english_and_told_so_in_its_own(visit: Visit) -> None:
    page = visit("/")
    type_and_ask(page, "Warum werden nicht alle Neuronen einer Schicht gleich, obwohl sie dieselben Daten bekommen?")
    note = page.locator(".in-language")
    expect(note).to_have_attribute("lang", "de")
    expect(note).to_contain_text("Englisch")
    expect(page.locator(".asked q").first).to_have_attribute("lang", "de")
    assert violations(page) == []


def test_a_language_from_right_to_left_keeps_its_direction(visit: Visit) -> None:
    page = visit("/")
    type_and_ask(page, "لماذا لا تصبح جميع الخلايا العصبية في الطبقة متشابهة مع أنها تتلقى البيانات نفسها؟")
    expect(page.locator(".in-language")).to_have_attribute("dir", "rtl")
    assert page.locator(".asked q").first.evaluate("each => getComputedStyle(each).direction") == "rtl"
    assert page.evaluate("document.documentElement.scrollWidth") == 1280
