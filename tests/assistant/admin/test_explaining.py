"""Mistakes as sentences: each says what it is about, at its field and in a list with others."""

import pytest
from pydantic import ValidationError

from assistant.admin.explaining import beside_others, explain
from assistant.library.entries import Entry


@pytest.mark.parametrize(
    ("key", "message", "told"),
    [
        ("title", "The title is missing.", "The title is missing."),
        ("short", "The short answer has 191 characters.", "The short answer has 191 characters."),
        (
            "claims",
            "There are no claims, and at least one is needed.",
            "There are no claims, and at least one is needed.",
        ),
        ("explanation", "Line 3: a link leads nowhere.", "Explanation, line 3: a link leads nowhere."),
        ("explanation", "Line 2: [1.9] is of no_such_finding.", "Explanation, line 2: [1.9] is of no_such_finding."),
        ("claims.1.text", "The sentence is missing.", "Claim 2: The sentence is missing."),
        ("claims.1.finding", "The experiment reports no 'x'.", "Claim 2, finding: The experiment reports no 'x'."),
        ("hyperparameters", "0 is less than 1.", "Parameters: 0 is less than 1."),
    ],
)
def test_in_a_list_a_sentence_names_its_field_once(key: str, message: str, told: str) -> None:
    assert beside_others(key, message) == told


def test_each_mistake_that_the_types_find_is_a_sentence_about_its_field() -> None:
    values = {
        "slug": "a-draft",
        "title": "x" * 301,
        "order": 1,
        "theme": "",
        "short": "x" * 191,
        "explanation": "",
        "experiments": [{"experiment": "symmetry"}],
        "claims": [],
        "references": ["fine", "x" * 301],
    }
    with pytest.raises(ValidationError) as error:
        Entry.model_validate(values)
    told = dict(explain(detail) for detail in error.value.errors())
    assert told == {
        "title": "The title has 301 characters, and at most 300 are allowed.",
        "theme": "The theme is missing.",
        "short": (
            "The short answer has 191 characters, and at most 190 fit three lines beside the replay: 1 too many."
        ),
        "explanation": "The explanation is missing.",
        "claims": "There are no claims, and at least one is needed.",
        "references": "Line 2: This line has 301 characters, and at most 300 are allowed.",
    }
