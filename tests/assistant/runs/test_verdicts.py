"""Verdicts of single runs, and evidence pooled over several."""

from typing import Any

import pytest

from assistant.intervals import wilson
from assistant.runs.verdicts import holds, judge, pool, wanted, written

CLAIM = {"text": "Most do.", "finding": "share", "at_least": 0.75}


def share(count: int, of: int) -> dict[str, Any]:
    return {"kind": "share", "label": "those that do", "value": count / of if of else None, "count": count, "of": of}


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
    ],
)
def test_each_predicate(predicate: dict[str, Any], value: float | str, *, held: bool) -> None:
    claim = {"text": "A claim.", "finding": "f", **predicate}
    assert holds(claim, value) is held
    assert judge([claim], {"f": {"kind": "quantity", "value": value}})[0]["held"] is held


def test_predicates_that_are_none_count_as_not_given() -> None:
    claim = {"text": "A claim.", "finding": "f", "at_least": None, "at_most": 0.5, "between": None, "equals": None}
    assert holds(claim, 0.5)
    assert not holds(claim, 0.6)


@pytest.mark.parametrize("findings", [{}, {"share": share(0, 0)}, {"share": {"kind": "label", "value": None}}])
def test_nothing_to_judge_is_neither_held_nor_failed(findings: dict[str, Any]) -> None:
    (verdict,) = judge([CLAIM], findings)
    assert verdict == {"claim": CLAIM, "finding": findings.get("share"), "held": None}


def test_evidence_adds_networks_and_verdicts_up() -> None:
    runs = [judge([CLAIM], {"share": share(count, 64)}) for count in (64, 48, 40)]
    evidence = pool(runs, CLAIM)
    assert (evidence.held, evidence.judged, evidence.count, evidence.of) == (2, 3, 152, 192)
    assert (evidence.low, evidence.high) == wilson(152, 192)


def test_evidence_leaves_out_other_claims_and_what_was_not_judged() -> None:
    reworded, stricter = CLAIM | {"text": "Nearly all do."}, CLAIM | {"at_least": 0.9}
    runs = [
        judge([CLAIM, reworded, stricter], {"share": share(60, 64)}),
        judge([reworded, stricter], {"share": share(60, 64)}),
        judge([CLAIM], {"share": share(0, 0)}),
        judge([CLAIM], {}),
    ]
    evidence = pool(runs, CLAIM)
    assert (evidence.held, evidence.judged, evidence.count, evidence.of) == (1, 1, 60, 64)


def test_evidence_of_a_quantity_counts_runs_alone() -> None:
    claim = {"text": "It is large.", "finding": "gap", "at_least": 3.0}
    runs = [judge([claim], {"gap": {"kind": "quantity", "value": value, "unit": ""}}) for value in (3.5, 2.5, None)]
    evidence = pool(runs, claim)
    assert (evidence.held, evidence.judged) == (1, 2)
    assert evidence.count is evidence.of is evidence.low is evidence.high is None


def test_evidence_of_no_runs_is_empty() -> None:
    assert pool([], CLAIM).judged == 0


@pytest.mark.parametrize(
    ("predicate", "is_share", "words"),
    [
        ({"at_least": 1.0}, True, "at least 100 %"),
        ({"at_least": 0.975}, True, "at least 97.5 %"),
        ({"at_most": 0.07}, True, "at most 7 %"),
        ({"at_most": 0.005}, True, "at most 0.5 %"),
        ({"between": [0.6, 0.95]}, True, "between 60 % and 95 %"),
        ({"at_least": 3.0}, False, "at least 3"),
        ({"between": [0.6, 0.95]}, False, "between 0.6 and 0.95"),
        ({"equals": 0}, False, "equals 0"),
        ({"equals": "023|123"}, False, "equals 023|123"),
    ],
)
def test_what_is_claimed_is_said_without_rounding(predicate: dict[str, Any], words: str, *, is_share: bool) -> None:
    assert wanted({"text": "A claim.", "finding": "f", **predicate}, share=is_share) == words


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.81234, "0.8123"), (3, "3"), (1e-6, "10⁻⁶"), (2.05e-8, "2.05 × 10⁻⁸"), (1234567, "1.235 × 10⁶")],
)
def test_numbers_are_written_as_a_reader_would(value: float, text: str) -> None:
    assert written(value) == text
