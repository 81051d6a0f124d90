"""The difference of two contents: what it shows, and that no text takes it long."""

import random
from typing import Any

import pytest

from assistant.library.beliefs import Belief
from assistant.library.claims import Claim
from assistant.library.configurations import Configuration
from assistant.library.differences import MOST_ROWS, Row, differences
from assistant.library.field_names import NAMES, name_of
from assistant.library.predictions import Prediction
from assistant.library.queries import CONTENT

OF_TYPES: dict[str, Any] = {  # values of the fields that hold more than texts
    "experiments": (Configuration(experiment="symmetry"),),
    "claims": (Claim(text="All differ.", finding="success", at_least=1.0),),
    "beliefs": (Belief(belief="So.", wordings=("Thus.",), answer="no", why="It is not.", claim="success"),),
    "predict": Prediction(question="How many?", finding="success"),
}


def rows_of(before: str, after: str) -> tuple[Row, ...]:
    empty: dict[str, Any] = dict.fromkeys(CONTENT, "") | {"predict": None}
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


@pytest.mark.parametrize("key", CONTENT)
def test_a_difference_of_any_field_is_told_by_the_fields_name(key: str) -> None:
    before: dict[str, Any] = dict.fromkeys(CONTENT, ())
    (found,) = differences(before, before | {key: OF_TYPES.get(key, ("one",))})
    assert (found.key, found.name) == (key, NAMES[key])
    assert found.name != key


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("short", "Short answer"),
        ("claims.1.finding", "Claim 2, finding"),
        ("claims.0", "Claim 1"),
        ("beliefs.2.wordings", "Belief 3, other wordings"),
        ("further.0.hyperparameters", "Further experiment 1, parameters"),
        ("predict.question", "Guess first, question"),
        ("not_covered", "Not covered"),
    ],
)
def test_a_field_of_a_row_is_named_with_its_row(key: str, name: str) -> None:
    assert name_of(key) == name


def test_blanks_between_changed_words_belong_to_the_change() -> None:
    (row,) = rows_of("one two three end", "four five six end")
    assert [(each.text, each.differs) for each in row.before] == [("one two three", True), (" end", False)]
    assert [(each.text, each.differs) for each in row.after] == [("four five six", True), (" end", False)]


def test_lines_that_are_the_same_are_left_out_far_from_a_change() -> None:
    same = [f"Line {at}." for at in range(20)]
    rows = rows_of("\n".join([*same, "Old."]), "\n".join([*same, "New.", "More."]))
    assert [row.kind for row in rows] == ["skipped", "equal", "equal", "changed", "added"]
    assert rows[0].skipped == 18


def test_of_very_many_lines_the_first_are_shown_and_it_is_said() -> None:
    empty: dict[str, Any] = dict.fromkeys(CONTENT, "") | {"predict": None}
    short, long = (empty | {"explanation": "\n".join("ab" * count)} for count in (MOST_ROWS // 2, MOST_ROWS))
    (whole,) = differences(empty, short)
    assert (len(whole.rows), whole.is_whole) == (MOST_ROWS, True)
    (part,) = differences(empty, long)
    assert (len(part.rows), part.is_whole) == (MOST_ROWS, False)


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
