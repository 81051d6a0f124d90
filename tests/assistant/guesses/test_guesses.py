"""Guesses as they are typed, and how they are spread."""

import pytest

from assistant.errors import InvalidInputError
from assistant.guesses.guesses import Spread, read_guess


@pytest.mark.parametrize(("typed", "number"), [("0", 0), (" 64 ", 64), ("+7", 7), ("020", 20)])
def test_a_guess_is_a_whole_number_of_networks(typed: str, number: int) -> None:
    assert read_guess(typed, 64) == number


@pytest.mark.parametrize("typed", ["", "  ", "-1", "65", "3.5", "1e1", "many", "²", "٣", "9" * 30, "1 2"])
def test_anything_else_is_refused_in_words(typed: str) -> None:
    with pytest.raises(InvalidInputError, match=r"a whole number.* from 0 to 64") as caught:
        read_guess(typed, 64)
    assert caught.value.status == 422


def test_a_spread_tells_its_middle_and_the_middle_half() -> None:
    spread = Spread({0: 1, 10: 3, 20: 3, 64: 1}, 64)
    assert (spread.total, spread.middle, spread.half) == (8, 15, (10, 20))


def test_a_spread_is_drawn_on_a_width_of_100() -> None:
    assert Spread({0: 1, 16: 2, 64: 1}, 64).bars(20) == "M0 20V10.00M25 20V0.00M100 20V10.00"
    assert Spread({}, 64).bars(20) == ""
