"""Points of a list within the text: "(a) ... (b) ...", "1) ... 2) ...", "Q1: ... Q2: ...", "First, ... Second, ...".

What is numbered may be steps or options, too. It is a list of what is asked where each point asks, where what
leads to them does ("please explain: a) ... b) ..."), or where there is nothing else. The first may have no label.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.matching.posts.asking import asks

LETTERS = "abcdefgh"
ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii")
ORDINALS = ("first", "second", "third", "fourth", "fifth")
CARDINALS = ("one", "two", "three", "four", "five")
LABEL = re.compile(
    rf"""(?:(?<=\s)|^)(?:
        \((?P<letter>[{LETTERS}])\) | (?P<bare_letter>[{LETTERS}])[).:]
      | \((?P<roman>[iv]{{1,4}})\) | (?P<bare_roman>[iv]{{1,4}})[).:]
      | \((?P<number>\d{{1,2}})\) | (?P<bare_number>\d{{1,2}})[).:] | \#(?P<hash>\d{{1,2}})\b[).:]?
      | (?:q|question|part)\s?\#?(?P<question>\d{{1,2}})\b\s?[).:]?
      | (?P<ordinal>{"|".join(ORDINALS)})(?:ly)?(?:\ (?:question|one|thing|point))?[,:]
      | (?P<cardinal>{"|".join(CARDINALS)}):
    )(?=\s+\S)""",
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)
# What is numbered after such a word is no point.
OF_A_TEXT = re.compile(
    r"\b(?:steps?|options?|cases?|figure|tables?|sections?|equation|layers?|weeks?|exercises?|chapters?|lines?|cells?"
    r"|runs?|epochs?|neurons?|units?|in|of|from|under|see|to|at|with|by|for|(?:fig|eq)\.?)\s+$",
    re.IGNORECASE,
)
LEADS = re.compile(
    r"\b(?:questions?|explain|clarify|tell|understand|know|wonder\w*|confus\w+|doubts?|unclear|ask|curious)\b",
    re.IGNORECASE,
)
TELLS = re.compile(r"\b(?:i|we|my|our)\b", re.IGNORECASE)
SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
BRACKETED = frozenset({"letter", "roman", "number"})
TRAILING = re.compile(r"[\s,;]*+(?:\b(?:and|or|plus)\s*)?$", re.IGNORECASE)
FEWEST_WORDS = 3  # of a point
SHORT_LEAD = 6  # words, which only lead to the points
WITHIN = 30  # characters before a label that are looked at


@dataclass(frozen=True)
class Passage:
    """A paragraph, or a part of one: a point of a list by its number, counted from 1; 0 of none."""

    text: str
    point: int = 0
    leads: bool = False  # to points, and asks nothing itself


def passages_of(paragraphs: Sequence[str]) -> list[Passage]:
    """Return paragraphs, each a line, cut at the points of the first list that asks."""
    text = "\n".join(paragraphs)
    labels = [
        each for each in LABEL.finditer(text) if not OF_A_TEXT.search(text, max(each.start() - WITHIN, 0), each.start())
    ]
    for first, run in _runs(labels):
        ends = [*(label.start() for label in run[1:]), _end_of_line(text, run[-1].end())]
        points = [_trimmed(text[label.end() : end]) for label, end in zip(run, ends, strict=True)]
        before, _, lead = text[: run[0].start()].rpartition("\n")
        after = text[ends[-1] :].strip()
        if _is_asked(points, _trimmed(lead), first, alone=not (before or lead.strip() or after)):
            return [
                *(Passage(each) for each in before.split("\n") if each),
                *([Passage(_trimmed(lead), first - 1, leads=first == 1)] if lead.strip() else []),
                *(Passage(point, at) for at, point in enumerate(points, first)),
                *(Passage(each) for each in after.split("\n") if each),
            ]
    return [Passage(each) for each in paragraphs]


def _trimmed(text: str) -> str:
    return TRAILING.sub("", " ".join(text.split()))


def _runs(labels: Sequence[re.Match[str]]) -> Iterator[tuple[int, list[re.Match[str]]]]:
    """Yield runs of labels of one kind that count on, from 1, or from 2 behind a point without a label; which it is."""
    for kind in LABEL.groupindex:
        same = [(label, _place(kind, label[kind].casefold())) for label in labels if label[kind]]
        for first in (1, 2):
            run: list[re.Match[str]] = []
            for label, place in same:
                if place == first + len(run):
                    run.append(label)
            if len(run) >= (1 if first == 2 and kind in BRACKETED else 2):
                yield first, run


def _place(kind: str, label: str) -> int:
    """Return the place that a label counts, from 1; 0 of none."""
    if kind in {"number", "bare_number", "hash", "question"}:
        return int(label)
    names = {"ordinal": ORDINALS, "cardinal": CARDINALS, "roman": ROMAN, "bare_roman": ROMAN}.get(kind, tuple(LETTERS))
    return names.index(label) + 1 if label in names else 0


def _is_asked(points: Sequence[str], lead: str, first: int, *, alone: bool) -> bool:
    """Say whether the points of a list are things that are asked.

    Args:
        points: their texts.
        lead: what stands before them in their line.
        first: the place of the first.
        alone: whether there is nothing else.
    """
    if any(len(point.split()) < FEWEST_WORDS for point in points):
        return False
    last = last_sentence(lead)
    if first == 2:
        return all(map(asks, (last, *points)))
    if all(map(asks, points)) or (alone and not any(map(TELLS.search, points))):
        return True
    return LEADS.search(last) is not None and not any("?" in each for each in points[:-1])


def last_sentence(text: str) -> str:
    """Return the last sentence of a line."""
    return SENTENCE_END.split(text)[-1]


def only_leads(sentence: str) -> bool:
    """Say whether a sentence before a list does no more than lead to it."""
    return "?" not in sentence and (sentence.endswith(":") or len(sentence.split()) <= SHORT_LEAD)


def _end_of_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end
