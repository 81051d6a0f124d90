"""Reading files of labelled questions and posts."""

import pytest

from assistant.matching.measuring.labelled import BadQuestionsError, LabelledQuestion, read_labelled, read_posts


def test_labelled_questions_are_read() -> None:
    lines = [
        '{"question": "why", "entry": "a", "also": ["b"], "may_abstain": false, "source": "x"}',
        "",
        '{"question": "how", "entry": null, "also": [], "may_abstain": true}',
    ]
    assert read_labelled(lines) == [
        LabelledQuestion("why", frozenset({"a", "b"})),
        LabelledQuestion("how", frozenset(), may_abstain=True),
    ]


@pytest.mark.parametrize(
    "line", ["{", "[]", "3", '{"question": "why"}', '{"question": 1, "entry": "a"}', '{"question": "", "entry": [1]}']
)
def test_a_bad_line_is_named(line: str) -> None:
    with pytest.raises(BadQuestionsError, match="line 2"):
        read_labelled(["", line])


@pytest.mark.parametrize("entries", ["", ', "entries": []', ', "entries": ["a"]', ', "entries": [[1]]'])
def test_a_bad_line_of_posts_is_named_with_what_is_wrong(entries: str) -> None:
    with pytest.raises(BadQuestionsError, match=r"line 1: entries[.\d]*: "):
        read_posts([f'{{"question": "why"{entries}}}'])
