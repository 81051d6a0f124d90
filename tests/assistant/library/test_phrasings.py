"""Phrasings in files: marks, remarks at the head, mistakes with their line, and a form that is kept."""

import pytest

from assistant.library.content.mistakes import ContentError
from assistant.library.phrasings import HEAD, NOT_COVERED_HEAD, Phrasing, problem, read, to_text

NAME = "phrasings/a.txt"


def test_a_file_holds_phrasings_and_which_are_held_out() -> None:
    text = "# Head\n#\n# more\n\nwhy\n* how?\n  what is *that* # like  \n"
    found = read(NAME, text)
    assert found == [Phrasing("why"), Phrasing("how?", held_out=True), Phrasing("what is *that* # like")]
    assert [each.line for each in found] == [5, 6, 7]
    assert read(NAME, "") == []


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("why\n# no head\n", 2, "a remark stands only at the head"),
        ("why\n#how\n", 2, "a remark stands only at the head"),
        ("# head\nwhy\n\nWHY\n", 4, "'WHY' stands twice, first in line 2"),
        ("why\n* why\n", 2, "stands twice, first in line 1"),
        ("*why\n", 1, 'begins with "*", and a question begins with another sign'),
        ("* * why\n", 1, 'begins with "*"'),
        ("  # why\n", 1, 'begins with "#"'),
        ("one\u2028two\n", 1, "holds the character U+2028"),
        ("one\x85two\n", 1, "holds the character U+0085"),
        ("one\ttwo\n", 1, "holds the character U+0009"),
        ("x" * 1_001, 1, "has 1,001 characters, and at most 1,000 are read"),
    ],
)
def test_a_mistake_names_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(ContentError) as caught:
        read(NAME, text)
    (mistake,) = caught.value.mistakes
    assert (mistake.file, mistake.line, mistake.key) == (NAME, line, "phrasing")
    assert words in mistake.message


def test_all_mistakes_of_a_file_are_told_at_once() -> None:
    with pytest.raises(ContentError) as caught:
        read(NAME, "why\n*x\nwhy\n# a\n")
    assert [each.line for each in caught.value.mistakes] == [2, 3, 4]


def test_what_no_entry_answers_may_have_remarks_everywhere() -> None:
    text = "# Head\nWhy is the sky blue?\n\n# Computers\n* What is a GPU?\n"
    found = read("not-covered.txt", text, grouped=True)
    assert found == [Phrasing("Why is the sky blue?"), Phrasing("What is a GPU?", held_out=True)]
    assert to_text(found, text) == text


def test_remarks_and_order_stay_and_new_ones_go_to_the_end() -> None:
    before = "# Head\n\nOne?\n# Remark\n* Two?\n  Three?\nGone?\n"
    now = [Phrasing("New?", held_out=True), Phrasing("Three?"), Phrasing("Two?"), Phrasing("One?", held_out=True)]
    assert to_text(now, before) == "# Head\n\n* One?\n# Remark\nTwo?\nThree?\n* New?\n"
    assert to_text([Phrasing("One?")]) == f"{HEAD}One?\n"
    assert to_text([Phrasing("One?")], head=NOT_COVERED_HEAD) == f"{NOT_COVERED_HEAD}One?\n"
    assert to_text([], "# Head\n") == "# Head\n"


def test_what_is_written_is_read_again() -> None:
    held = [Phrasing("a"), Phrasing("a * b # c", held_out=True), Phrasing("été – 为什么?")]
    assert read(NAME, to_text(held)) == held
    assert to_text(held, to_text(held)) == to_text(held)


def test_a_question_may_hold_any_readable_sign_but_those_that_mark_a_line() -> None:
    assert problem("why – *not* #1 \N{SNOWMAN}?") is None
    assert problem("???") is None
