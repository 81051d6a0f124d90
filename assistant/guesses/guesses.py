"""A guess as it is typed, and all guesses at one question as a picture and in words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from assistant.errors import InvalidInputError

WHOLE = re.compile(r"[+-]?[0-9]{1,9}")


def read_guess(text: str, of: int) -> int:
    """Return a guess as it was typed.

    Raises:
        InvalidInputError: it is no whole number from 0 to ``of``.
    """
    typed = text.strip()
    if not typed:
        raise InvalidInputError(f"Please type how many of the {of} networks it will be: a whole number from 0 to {of}.")
    if not WHOLE.fullmatch(typed) or not 0 <= int(typed) <= of:
        raise InvalidInputError(f"A guess is a whole number of networks from 0 to {of}, and not “{typed[:40]}”.")
    return int(typed)


@dataclass(frozen=True)
class Spread:
    """How often each number of networks was guessed.

    Pictures are drawn on a width of 100, on which the guess ``k`` stands at ``100 k / of``.
    """

    counts: Mapping[int, int]
    of: int

    @property
    def total(self) -> int:
        """How many guesses there are."""
        return sum(self.counts.values())

    @property
    def middle(self) -> float:
        """The median."""
        return median(self._in_order)

    @property
    def half(self) -> tuple[int, int]:
        """The smallest and the largest guess of the middle half."""
        guesses = self._in_order
        return guesses[len(guesses) // 4], guesses[-1 - len(guesses) // 4]

    def bars(self, height: float) -> str:
        """Return a path of one upright line for each number that was guessed, standing on ``height``."""
        most = max(self.counts.values(), default=1)
        return "".join(
            f"M{100 * guess / self.of:g} {height:g}V{height * (1 - count / most):.2f}"
            for guess, count in sorted(self.counts.items())
        )

    @property
    def _in_order(self) -> list[int]:
        return [guess for guess, count in sorted(self.counts.items()) for _ in range(count)]
