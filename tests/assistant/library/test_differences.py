"""The difference of two contents: what it shows, and that no text takes it long."""

import random
from typing import Any

import pytest

from assistant.library.differences import LABELS, Row, differences


def rows_of(before: str, after: str) -> tuple[Row, ...]:
    empty: dict[str, Any] = dict.fromkeys(LABELS, "") | {"predict": None}
    (found,) = differences(empty | {"explanation": before}, empty | {"explanation": after})
    return found.rows


def sides(row: Row) -> tuple[str, str]:
    return "".join(each.text for each in row.before), "".join(each.text for each in row.after)


def test_changed_words_are_marked_and_whole() -> None:
    (row,) = rows_of("Two neurons start alike, and stay so.", "Two neurons began alike, and stay so.")
    assert row.kind == "changed"
    assert [(each.text, each.differs) for each in row.before] == [
        ("Two neurons ", False), ("start", True), (" alike, and stay so.", False),
    ]  # fmt: skip
    assert [each.text for each in row.after if each.differs] == ["began"]


def test_blanks_between_changed_words_belong_to_the_change() -> None:
    (row,) = rows_of("one two three end", "four five six end")
    assert [(each.text, each.differs) for each in row.before] == [("one two three", True), (" end", False)]
    assert [(each.text, each.differs) for each in row.after] == [("four five six", True), (" end", False)]


def test_lines_that_are_the_same_are_left_out_far_from_a_change() -> None:
    same = [f"Line {at}." for at in range(20)]
    rows = rows_of("\n".join([*same, "Old."]), "\n".join([*same, "New.", "More."]))
    assert [row.kind for row in rows] == ["skipped", "equal", "equal", "changed", "added"]
    assert rows[0].skipped == 18


def _words(count: int, seed: int) -> str:
    chance = random.Random(seed)  # noqa: S311 - these are only texts
    return " ".join("".join(chance.choices("abcdefg", k=5)) for _ in range(count))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a" * 20_000, "a" * 19_999 + "b"),
        ("a " * 10_000, "b " * 10_000),
        ("a." * 10_000, "a!" * 10_000),
        (_words(3_000, 1), _words(3_000, 2)),
        ("\n".join("a" * 9_999), "\n".join("ab" * 5_000)),
    ],
    ids=["one-letter", "one-letter-words", "signs", "3000-words", "lines"],
)
def test_no_text_takes_long_and_none_is_lost(before: str, after: str) -> None:
    rows = rows_of(before, after)
    shown = [row for row in rows if row.kind != "skipped"]
    left, right = zip(*map(sides, shown), strict=True)
    if len(rows) == 1:
        assert (left[0], right[0]) == (before, after)
    assert {row.kind for row in rows} - {"equal", "skipped"}
