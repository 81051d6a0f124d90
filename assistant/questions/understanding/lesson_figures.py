"""The two figures of the lessons that learners speak of, of which a question may name one as what it points at.

"Why is the first line vertical?" says little without the figure. Where a question points at it, and has no answer by
itself, it is matched once more with what the figure shows. That chooses among entries that are likely without the
figure, too, and else only suggests: what the library does not cover is no more covered beside a figure.
"""

import re
from dataclasses import dataclass

from assistant.errors import InvalidInputError
from assistant.matching import Match, Matcher
from assistant.matching.posts.courtesy import asks_nothing
from assistant.matching.posts.parts import Matched, Part

MOST_WORDS = 20  # of a question that points at a figure; a longer one says what it is about
LEAST = 0.15  # the probability without the figure of an entry that answers with it
COLOURS = "red|blue|green|pink|magenta|purple|orange|brown|yellow|gr[ae]y|black|white|light|dark(?:er)?|bright(?:er)?"
POINTS = re.compile(
    rf"""\b(?:this|that|these|those|here|they|them|it|ones?
      | lines?|regions?|areas?|shad(?:ing|ed)|plots?|pictures?|figures?|graphs?|charts?|diagrams?|images?
      | dots?|points?|cross(?:es)?|circles?|squares?|triangles?|colou?rs?|colou?red|dashed|dotted|slanted|diagonal
      | vertical|horizontal|left|right|top|bottom|side|corner|unit\ \d|neuron\ \d|{COLOURS})\b""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True)
class LessonFigure:
    """A figure of the lessons: the name of its picture, its title, what is seen on it, and its words for matching."""

    name: str
    title: str
    alternative: str
    context: str


LESSON_FIGURES = {
    figure.name: figure
    for figure in (
        LessonFigure(
            "coffee",
            "Coffee roasting",
            "Roasts by temperature and duration. Three neurons’ lines enclose the good ones.",
            "Coffee roasting: temperature, duration and the lines of three hidden neurons.",
        ),
        LessonFigure(
            "blobs",
            "Four blobs",
            "Four groups of points. Each of two neurons’ lines splits them two and two.",
            "Four blobs and the lines of two hidden neurons.",
        ),
    )
}


def lesson_figure(name: str) -> LessonFigure | None:
    """Return the figure of that name; None of no name.

    Raises:
        InvalidInputError: there is no such figure.
    """
    if not name:
        return None
    if name not in LESSON_FIGURES:
        raise InvalidInputError(f'There is no figure "{name[:40]}". It is one of: {", ".join(LESSON_FIGURES)}.')
    return LESSON_FIGURES[name]


def in_view_of(figure: LessonFigure, found: Matched, using: Matcher) -> Matched | None:
    """Return what a post in English means beside a figure; None where that is what it means without.

    Args:
        figure: the figure that it is about.
        found: what it means by itself.
        using: what matched it.
    """
    answers = {each.match.entry for each in found.parts}
    parts: list[Part] = []
    for part in found.parts:
        match = _pointing(figure, part, using)
        if match is not None and (match.entry is None or match.entry not in answers):
            answers.add(match.entry)
            part = Part(part.text, match)  # noqa: PLW2901 - the same part, read with the figure
        parts.append(part)
    return Matched(tuple(parts)) if tuple(parts) != found.parts else None


def _pointing(figure: LessonFigure, part: Part, using: Matcher) -> Match | None:
    """Return what a part without an answer means that points at a figure; None where it is read by itself."""
    alone, words = part.match, part.text.split()
    if alone.entry is not None or len(words) > MOST_WORDS or not POINTS.search(part.text) or asks_nothing(part.text):
        return None
    beside = using.match(f"{figure.context} {part.text}")
    if beside.outcome == "unknown":
        return None
    known = alone.outcome == "suggest" and beside.nearest is not None and alone.score_of(beside.nearest) >= LEAST
    return beside if known else Match("suggest", beside.candidates)
