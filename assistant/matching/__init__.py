"""Text in, candidates out; knows no database.

A matcher is fitted to the phrasings of all entries and then asked which entry a question means. Its scores lie in
0..1, and its decision would rather be "I don't know" than a wrong answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Outcome = Literal["answer", "suggest", "unknown"]
SUGGESTIONS = 3


@dataclass(frozen=True)
class Candidate:
    """An entry that a question may mean."""

    slug: str
    score: float


@dataclass(frozen=True)
class Match:
    """What a question was taken for; ``candidates`` holds the nearest entries, best first."""

    outcome: Outcome
    candidates: tuple[Candidate, ...]

    @property
    def entry(self) -> str | None:
        """The slug of the answer, where there is one."""
        return self.candidates[0].slug if self.outcome == "answer" else None

    @property
    def score(self) -> float:
        """The score of the nearest entry."""
        return self.candidates[0].score if self.candidates else 0.0


class Matcher(Protocol):
    """What every matcher does."""

    name: str

    def match(self, question: str) -> Match:
        """Return what ``question`` means."""
        ...


class MatcherFactory(Protocol):
    """What makes a matcher of the library's phrasings by slug."""

    def __call__(self, phrasings: Mapping[str, Sequence[str]]) -> Matcher:
        """Return a matcher for these entries."""
        ...
