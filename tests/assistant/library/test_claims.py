"""Claims: what holds, what they say, and what the kind of a finding allows."""

import re
from typing import Any

import pytest
from pydantic import ValidationError

from assistant.library.claims import Claim, misfits
from assistant.library.findings import Finding, number_text, quantity_text

DECLARED = {
    "done": {"kind": "share", "label": "networks that did", "unit": ""},
    "gap.<start>": {"kind": "quantity", "label": "gap", "unit": "weight"},
    "accuracy": {"kind": "quantity", "label": "accuracy", "unit": "share of points"},
    "best": {"kind": "label", "label": "the best pair", "unit": ""},
}


def claim(**values: Any) -> Claim:
    return Claim.model_validate({"text": "A claim.", "finding": "done", **values})


@pytest.mark.parametrize(
    ("predicate", "value", "held"),
    [
        ({"at_least": 0.75}, 0.75, True),
        ({"at_least": 0.75}, 0.7499, False),
        ({"at_least": 0.0}, 0.0, True),
        ({"at_most": 0.4}, 0.4, True),
        ({"at_most": 0.4}, 0.41, False),
        ({"at_most": 0.0}, 0.0, True),
        ({"at_most": 0.0}, 1e-9, False),
        ({"between": [0.6, 0.95]}, 0.6, True),
        ({"between": [0.6, 0.95]}, 0.95, True),
        ({"between": [0.6, 0.95]}, 0.96, False),
        ({"between": [0.0, 0.0]}, 0.0, True),
        ({"equals": 0}, 0.0, True),
        ({"equals": 6}, 6.0, True),
        ({"equals": 6.0}, 5.0, False),
        ({"equals": "023|123"}, "023|123", True),
        ({"equals": "023|123"}, "01|23", False),
        ({"equals": "6"}, 6.0, False),
        ({"at_least": 0.5}, "a name", False),
        ({"at_least": None, "at_most": 0.5, "between": None, "equals": None}, 0.5, True),
        ({"at_least": None, "at_most": 0.5, "between": None, "equals": None}, 0.6, False),
    ],
)
def test_each_predicate(predicate: dict[str, Any], value: float | str, *, held: bool) -> None:
    assert claim(**predicate).holds(value) is held


@pytest.mark.parametrize(
    ("predicate", "bounds"),
    [
        ({"at_least": 0.5}, (0.5, float("inf"))),
        ({"at_most": 0.0}, (float("-inf"), 0.0)),
        ({"between": [-1, 2]}, (-1.0, 2.0)),
        ({"equals": 6}, (6.0, 6.0)),
        ({"equals": "a|b"}, "a|b"),
    ],
)
def test_the_bounds_of_each_predicate(predicate: dict[str, Any], bounds: object) -> None:
    assert claim(**predicate).bounds == bounds
    assert claim(**predicate).predicate == next(iter(predicate))


@pytest.mark.parametrize(
    ("predicate", "kind", "unit", "of", "words"),
    [
        ({"at_least": 1.0}, "share", "", 64, "all 64"),
        ({"at_least": 1.0}, "share", "", None, "all"),
        ({"equals": 1}, "share", "", 1_280, "all 1,280"),
        ({"at_most": 0.0}, "share", "", 64, "none"),
        ({"at_least": 0.6}, "share", "", None, "at least 60 %"),
        ({"at_least": 0.62}, "share", "", 64, "at least 40 of 64 (62 %)"),
        ({"at_least": 0.5}, "share", "", 64, "at least 32 of 64 (50 %)"),
        ({"at_least": 0.29}, "share", "", 100, "at least 29 of 100 (29 %)"),
        ({"at_least": 0.975}, "share", "", 1_280, "at least 1,248 of 1,280 (97.5 %)"),
        ({"at_least": 0.99}, "share", "", 64, "all 64 (at least 99 %)"),
        ({"at_most": 0.01}, "share", "", 64, "none (at most 1 %)"),
        ({"at_most": 0.07}, "share", "", 64, "at most 4 of 64 (7 %)"),
        ({"at_most": 0.07}, "share", "", 0, "at most 7 %"),
        ({"at_most": 0.005}, "share", "", None, "at most 0.5 %"),
        ({"between": [0.6, 0.95]}, "share", "", 64, "from 39 to 60 of 64 (60 to 95 %)"),
        ({"between": [0.0, 0.95]}, "share", "", 64, "at most 60 of 64 (95 %)"),
        ({"between": [0.6, 1.0]}, "share", "", 64, "at least 39 of 64 (60 %)"),
        ({"between": [0.84, 0.85]}, "share", "", 64, "exactly 54 of 64 (84 to 85 %)"),
        ({"equals": 0.5}, "share", "", 64, "exactly 32 of 64 (50 %)"),
        ({"equals": 0.55}, "share", "", 64, "exactly 55 %"),
        ({"at_least": 3.0}, "quantity", "weight", None, "at least 3"),
        ({"at_most": 1e-6}, "quantity", "gradient", None, "at most 10⁻⁶"),
        ({"between": [1, 2.5]}, "quantity", "nats", None, "from 1 to 2.5 nats"),
        ({"between": [0.6, 0.95]}, "quantity", "share of points", None, "from 60 to 95 % of the points"),
        ({"at_least": 1.0}, "quantity", "share of points", None, "all of the points"),
        ({"equals": 0}, "quantity", "output", None, "exactly 0"),
        ({"equals": 6}, "quantity", "of 6 orders", None, "exactly 6 of 6 orders"),
        ({"equals": "023|123"}, "label", "", None, "023 and 123"),
    ],
)
def test_what_is_claimed_is_said_as_a_reader_would(
    predicate: dict[str, Any], kind: str, unit: str, of: int | None, words: str
) -> None:
    assert claim(**predicate).words(kind, unit, of) == words


@pytest.mark.parametrize(
    ("predicate", "words"),
    [
        ({"at_least": 0.62}, "at least 40"),
        ({"at_most": 0.4}, "at most 25"),
        ({"between": [0.6, 0.95]}, "from 39 to 60"),
        ({"equals": 0.5}, "exactly 32"),
        ({"equals": 0.55}, "exactly 55 %"),
        ({"at_least": 0.99}, "all 64"),
        ({"at_most": 0.0}, "none"),
        ({"at_least": 0.0}, "any number"),
        ({"between": [0.0, 1.0]}, "any number"),
    ],
)
def test_beside_a_count_of_64_it_is_said_in_few_words(predicate: dict[str, Any], words: str) -> None:
    assert claim(**predicate).counts(64) == words


@pytest.mark.parametrize("predicate", [{"at_least": 0.62}, {"at_most": 0.29}, {"between": [0.07, 0.57]}], ids=str)
@pytest.mark.parametrize("of", [7, 64, 100, 1_000])
def test_the_counts_that_are_said_are_just_those_with_which_the_claim_holds(predicate: dict[str, Any], of: int) -> None:
    said = claim(**predicate)
    right = [count for count in range(of + 1) if said.holds(count / of)]
    counts = re.findall(r"[\d,]+", said.words("share", "", of).partition(" of ")[0])
    bounds = {right[0]} - {0} | {right[-1]} - {of}
    assert {int(count.replace(",", "")) for count in counts} == bounds


@pytest.mark.parametrize(
    ("values", "field", "told"),
    [
        ({"at_least": 95}, "at_least", "from 0 to 1, such as 0.95 for 95 %, not 95"),
        ({"at_most": -0.1}, "at_most", "from 0 to 1"),
        ({"between": [0.2, 60]}, "between", "not 60"),
        ({"equals": 64}, "equals", "not 64"),
        ({"equals": "most"}, "equals", "a share takes a number, not 'most'"),
        ({"finding": "gap.none", "equals": "far"}, "equals", "a quantity takes a number"),
        ({"finding": "accuracy", "at_least": 60}, "at_least", "from 0 to 1"),
        ({"finding": "best", "at_least": 0.5}, "at_least", "a label takes only equals, with a text"),
        ({"finding": "best", "equals": 3}, "equals", "with a text"),
        (
            {"finding": "gab.none", "at_least": 3},
            "finding",
            "the experiment reports no 'gab.none': choose one of done, gap.<start>",
        ),
        ({"finding": "gap.none", "at_least": 3, "complement": True}, "complement", "is a quantity"),
        ({"at_least": 0.5, "control": "gap.none"}, "control", "another share"),
        ({"at_least": 0.5, "control": "nothing"}, "control", "not 'nothing'"),
    ],
)
def test_what_a_finding_of_its_kind_cannot_have_is_named(values: dict[str, Any], field: str, told: str) -> None:
    (found,) = misfits(claim(**values), DECLARED)
    assert found[0] == field
    assert told in found[1]


@pytest.mark.parametrize(
    "values",
    [
        {"at_least": 0},
        {"between": [0, 1]},
        {"equals": 1, "complement": True, "control": "untrained"},
        {"at_least": 0.5, "control": "done"},
        {"finding": "gap.any", "at_most": -95, "control": "gap.other"},
        {"finding": "accuracy", "between": [0.6, 0.95]},
        {"finding": "best", "equals": "023|123", "theorem": True},
    ],
)
def test_what_a_finding_of_its_kind_can_have_is_taken(values: dict[str, Any]) -> None:
    assert list(misfits(claim(**values), DECLARED)) == []


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({}, "a claim needs exactly one of at_least, at_most, between, equals, not 0"),
        ({"at_least": 1, "equals": 2}, "not 2"),
        ({"between": [2, 1]}, "the smaller number of between comes first"),
        ({"at_least": float("nan")}, "finite"),
        ({"at_least": 1, "atleast": 2}, "Extra inputs"),
    ],
)
def test_what_is_no_claim_is_refused(values: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        claim(**values)


def test_what_is_stored_of_a_claim_is_what_was_given() -> None:
    assert claim(at_least=1).to_json() == {"text": "A claim.", "finding": "done", "at_least": 1.0}
    given = {"text": "A claim.", "finding": "done", "experiment": "width", "complement": True, "between": [0.1, 0.2]}
    given |= {"control": "untrained", "theorem": True}
    assert Claim.model_validate(given).to_json() == given


def test_a_claim_may_count_the_networks_of_which_a_finding_is_not_true() -> None:
    identical = Finding(kind="share", label="identical networks", value=0.25, count=16, of=64, low=0.2, high=0.4)
    others = claim(at_least=0.7, complement=True).as_counted(identical)
    assert others is not None
    assert (others.value, others.count, others.of) == (0.75, 48, 64)
    assert others.low == pytest.approx(0.6)
    assert others.high == pytest.approx(0.8)
    assert others.words == "48 of 64 networks"
    nothing = Finding(kind="share", label="identical networks", value=None, count=0, of=0)
    assert claim(at_least=0.7, complement=True).as_counted(nothing) == nothing.model_copy(
        update={"label": "not: identical networks"}
    )
    assert claim(at_least=0.7).as_counted(identical) is identical
    assert claim(at_least=0.7, complement=True).as_counted(None) is None


def test_a_finding_is_stored_as_it_was_measured() -> None:
    measured = {"kind": "share", "label": "a", "value": None, "count": 0, "of": 0, "low": None, "high": None}
    assert Finding.model_validate(measured).to_json() == measured
    measured = {"kind": "label", "label": "a", "value": "0"}
    assert Finding.model_validate(measured).to_json() == measured


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.81234, "0.8123"), (3, "3"), (1e-6, "10⁻⁶"), (2.05e-8, "2.05 × 10⁻⁸"), (1234567, "1.235 × 10⁶")],
)
def test_numbers_are_written_as_a_reader_would(value: float, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.873, "share of points", "87 % of the points"),
        (0.00758, "share of points", "0.76 % of the points"),
        (0.000001, "share of points", "0 % of the points"),
        (0.5, "share of roasts", "50 % of the roasts"),
        (4.8164, "weight", "4.816"),
        (0.0, "output", "0"),
        (12.0, "step", "step 12"),
        (0.25, "nats", "0.25 nats"),
        (6.0, "of 6 orders", "6 of 6 orders"),
    ],
)
def test_quantities_are_said_with_the_units_that_tell_a_reader_something(value: float, unit: str, text: str) -> None:
    assert quantity_text(value, unit) == text
