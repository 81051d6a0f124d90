"""The difference between two states of an entry, line by line and word by word, for pages and for the terminal."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from itertools import chain, groupby, islice, zip_longest
from typing import Any, Literal, NamedTuple

from rapidfuzz.distance import LCSseq

from assistant.library.beliefs import Belief
from assistant.library.claims import Claim
from assistant.library.field_names import NAMES

WORDS = re.compile(r"\w+|\s+|[^\w\s]")
AROUND = 2  # equal lines that are shown beside a change
MOST_ROWS = 500  # of a field that are shown; a page of all rows of a text of 10,000 short lines takes 650 KB

Kind = Literal["equal", "changed", "removed", "added", "skipped"]


@dataclass(frozen=True)
class Piece:
    """Words of a line, and whether they are what differs."""

    text: str
    differs: bool


@dataclass(frozen=True)
class Row:
    """A line on both sides; one side is empty where the other has a line more."""

    kind: Kind
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]
    skipped: int = 0  # equal lines that are left out here


@dataclass(frozen=True)
class Difference:
    """What differs in one field."""

    key: str
    name: str
    rows: tuple[Row, ...]
    is_whole: bool = True  # and else only its first rows


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Return the fields in which two contents differ, in the order of the editor."""
    return [
        _difference(key, lines(key, before[key]), lines(key, after[key]))
        for key in NAMES
        if key in before and before[key] != after[key]
    ]


def _difference(key: str, before: list[str], after: list[str]) -> Difference:
    rows = _rows(before, after)
    shown = tuple(islice(rows, MOST_ROWS))
    return Difference(key, NAMES[key], shown, is_whole=next(rows, None) is None)


def lines(key: str, value: Any) -> list[str]:  # noqa: ANN401
    """Return a field's value as lines of text."""
    if key == "claims":
        return [line for claim in value for line in _claim(claim)]
    if key == "beliefs":
        return [line for belief in value for line in _belief(belief)]
    if key == "predict":
        return [value.question, f"    {value.finding}", *(["    complement"] * value.complement)] if value else []
    if key == "experiments":
        return [line for each in value for line in (each.experiment, *_assignments(each.hyperparameters))]
    if isinstance(value, list | tuple):
        return [str(each) for each in value]
    return str(value).splitlines()


def unified_text(before: str, after: str, names: tuple[str, str]) -> str:
    """Return the difference of two texts as `diff -u` writes it."""
    return "\n".join(unified_diff(before.splitlines(), after.splitlines(), *names, n=1, lineterm=""))


def _claim(claim: Claim) -> list[str]:
    values = claim.to_json()
    text, finding, bound = (values.pop(key) for key in ("text", "finding", claim.predicate))
    return [text, f"    {finding} {claim.predicate} {json.dumps(bound)}", *_assignments(values)]


def _belief(belief: Belief) -> list[str]:
    about = [f"{belief.answer}: {belief.why}", f"settled by {belief.claim}"]
    return [belief.belief, *(f"    {each}" for each in (*belief.wordings, *about))]


def _assignments(values: Mapping[str, Any]) -> list[str]:
    return [f"    {name} = {json.dumps(each)}" for name, each in sorted(values.items())]


class _Stretch(NamedTuple):
    """Items that stand on both sides, or those of either side between two such stretches."""

    equal: bool
    before: list[str]
    after: list[str]


def _stretches(before: Sequence[str], after: Sequence[str]) -> list[_Stretch]:
    """Align two sequences by a longest common subsequence, in time of at most their lengths' product over 64."""
    found = []
    for equal, group in groupby(LCSseq.opcodes(before, after), key=lambda each: each.tag == "equal"):
        blocks = list(group)
        first, last = blocks[0], blocks[-1]
        left, right = before[first.src_start : last.src_end], after[first.dest_start : last.dest_end]
        found.append(_Stretch(equal, list(left), list(right)))
    return found


def _rows(before: list[str], after: list[str]) -> Iterator[Row]:
    stretches = _stretches(before, after)
    for at, each in enumerate(stretches):
        if each.equal:
            yield from _equal(each.before, first=at == 0, last=at == len(stretches) - 1)
            continue
        for left, right in zip_longest(each.before, each.after):
            if left is None or right is None:
                side = (Piece(left or right or "", differs=True),)
                yield Row("removed", side, ()) if right is None else Row("added", (), side)
            else:
                yield Row("changed", *_words(left, right))


def _equal(same: list[str], *, first: bool, last: bool) -> Iterator[Row]:
    head, tail = (0 if first else AROUND), (0 if last else AROUND)
    if len(same) > head + tail + 1:
        shown = (same[:head], same[len(same) - tail :])
        middle = [Row("skipped", (), (), len(same) - head - tail)]
    else:
        shown, middle = (same, []), []
    for part, after in zip(shown, (middle, []), strict=True):
        for line in part:
            side = (Piece(line, differs=False),)
            yield Row("equal", side, side)
        yield from after


def _words(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Return the pieces of two lines, by whole words; blanks and signs between two changed words change with them."""
    left, right = (WORDS.findall(text) for text in (before, after))
    sides: tuple[list[Piece], list[Piece]] = ([], [])
    stretches = _stretches(left, right)
    inner = range(1, len(stretches) - 1)
    same = [each.equal and (at not in inner or _has_word(each.before)) for at, each in enumerate(stretches)]
    for equal, group in groupby(zip(same, stretches, strict=True), key=lambda each: each[0]):
        parts = [stretch for _, stretch in group]
        texts = (
            "".join(chain(*tokens)) for tokens in ([each.before for each in parts], [each.after for each in parts])
        )
        for side, words in zip(sides, texts, strict=True):
            if words:
                side.append(Piece(words, not equal))
    return tuple(sides[0]), tuple(sides[1])


def _has_word(tokens: list[str]) -> bool:
    return any(re.match(r"\w", each) for each in tokens)
