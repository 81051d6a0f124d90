"""The page of all questions: thumbnails that take their place before they are there."""

from typing import Any

import pytest

from tests.browser.conftest import ENTRIES, Visit, until

PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 800}


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_each_entry_has_a_thumbnail_whose_place_is_known_before_it_is_there(visit: Visit, size: Any) -> None:
    page = visit("/entries", viewport=size)
    pictures = page.locator(".pictured img")

    def all_drawn() -> bool:
        page.reload()
        return pictures.count() == len(ENTRIES)

    until(all_drawn, 120, "all thumbnails to be drawn", every=1)
    # They are loaded as they come into sight, and each box has its shape before that.
    ratios = pictures.evaluate_all("each => each.map(({clientWidth, clientHeight}) => clientWidth / clientHeight)")
    assert all(abs(ratio - 132 / 87) < 0.05 for ratio in ratios)
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
    page.wait_for_function("[...document.querySelectorAll('.pictured img')].every((each) => each.naturalWidth)")
    assert page.evaluate("document.documentElement.scrollWidth") == size["width"]


@pytest.mark.parametrize("width", [700, 1280, 1920])
@pytest.mark.parametrize("path", ["/", "/entries"])
def test_no_card_stands_alone_in_a_row(visit: Visit, path: str, width: int) -> None:
    page = visit(path, viewport={"width": width, "height": 1000})
    alone = page.evaluate(
        """() => [...document.querySelectorAll(".cards")].flatMap(cards => {
          const places = [...cards.children].map(each => each.getBoundingClientRect());
          const room = cards.getBoundingClientRect().width;
          const alone = ({ top }) => places.filter(each => each.top === top).length === 1;
          return places.filter(each => each.width < room - 1 && alone(each));
        }).length"""
    )
    assert alone == 0
