"""Labelled questions and posts, read from files of JSON lines."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, Field, ValidationError


class BadQuestionsError(Exception):
    """A file of labelled questions that cannot be read; the message names the line."""


@dataclass(frozen=True)
class LabelledQuestion:
    """A question and the slugs of the entries that answer it."""

    question: str
    entries: frozenset[str]  # none where nothing answers it
    may_abstain: bool = False


@dataclass(frozen=True)
class LabelledPost:
    """A post, and for each question in it the slugs of the entries that answer it; none where nothing does."""

    post: str
    asks: tuple[frozenset[str], ...]

    @property
    def kind(self) -> str:
        """What the post asks, for the report."""
        covered = sum(map(bool, self.asks))
        if covered > 1:
            return "several covered questions"
        if not covered:
            return "nothing covered"
        return "one covered question" if len(self.asks) == 1 else "one covered question of several"


class QuestionLine(BaseModel):
    """A line of a file of questions."""

    question: str
    entry: str | None
    also: list[str] = []
    may_abstain: bool = False

    @property
    def slugs(self) -> list[str]:
        """All that are right."""
        return self.also if self.entry is None else [self.entry, *self.also]


class PostLine(BaseModel):
    """A line of a file of posts: the post, and the slugs for each question in it."""

    question: str
    entries: list[frozenset[str]] = Field(min_length=1)


Line = TypeVar("Line", QuestionLine, PostLine)


def read_labelled(lines: Iterable[str]) -> list[LabelledQuestion]:
    """Return labelled questions of JSON lines with question, entry (slug or null), also (slugs) and may_abstain.

    Raises:
        BadQuestionsError: a line is something else.
    """
    return [
        LabelledQuestion(line.question, frozenset(line.slugs), line.may_abstain)
        for line in _lines_of(QuestionLine, lines)
    ]


def read_posts(lines: Iterable[str]) -> list[LabelledPost]:
    """Return labelled posts of JSON lines with question (the post) and entries (a list of slugs for each question).

    Raises:
        BadQuestionsError: a line is something else.
    """
    return [LabelledPost(line.question, tuple(line.entries)) for line in _lines_of(PostLine, lines)]


def _lines_of(form: type[Line], lines: Iterable[str]) -> list[Line]:
    """Return what stands in lines; empty ones are passed over."""
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found.append(form.model_validate_json(line))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise BadQuestionsError(f"line {number}: {f'{where}: ' if where else ''}{first['msg']}") from None
    return found
