"""Verdicts of single runs, and evidence pooled over several."""

from typing import Any

import pytest

from assistant.intervals import wilson
from assistant.library.claims import Claim
from assistant.library.findings import Finding
from assistant.runs.evidence.verdicts import Verdict, judge, pool

CLAIM = Claim(text="Most do.", finding="share", at_least=0.75)


def share(count: int, of: int) -> dict[str, Any]:
    low, high = wilson(count, of) if of else (None, None)
    interval = {"value": count / of if of else None, "low": low, "high": high}
    return {"kind": "share", "label": "those that do", "count": count, "of": of} | interval


@pytest.mark.parametrize(("value", "held"), [(3.0, True), (2.9, False)])
def test_a_verdict_says_whether_the_finding_is_what_is_claimed(value: float, *, held: bool) -> None:
    claim, finding = Claim(text="Far.", finding="gap", at_least=3), {"kind": "quantity", "value": value}
    (verdict,) = judge([claim], {"gap": finding, "other": {"kind": "quantity", "value": 7}})
    assert verdict == Verdict(claim=claim, finding=Finding.model_validate(finding), held=held)


def test_a_verdict_over_a_complement_keeps_the_finding_as_it_is_counted() -> None:
    claim = Claim(text="All others do.", finding="share", complement=True, at_least=1)
    (verdict,) = judge([claim], {"share": share(0, 64)})
    assert verdict.held
    assert verdict.finding is not None
    assert (verdict.finding.count, verdict.finding.value) == (64, 1)


def test_verdicts_are_stored_and_read_as_they_always_were() -> None:
    old = {"claim": {"text": "Most do.", "finding": "share", "at_least": 0.75}, "finding": share(60, 64), "held": True}
    assert Verdict.model_validate(old).to_json() == old
    assert judge([CLAIM], {"share": share(60, 64)})[0].to_json() == old


@pytest.mark.parametrize("findings", [{}, {"share": share(0, 0)}, {"share": {"kind": "label", "value": None}}])
def test_nothing_to_judge_is_neither_held_nor_failed(findings: dict[str, Any]) -> None:
    (verdict,) = judge([CLAIM], findings)
    finding = Finding.model_validate(findings["share"]) if findings else None
    assert verdict == Verdict(claim=CLAIM, finding=finding, held=None)


def test_evidence_adds_networks_and_verdicts_up() -> None:
    runs = [judge([CLAIM], {"share": share(count, 64)}) for count in (64, 48, 40)]
    evidence = pool(runs, CLAIM)
    assert (evidence.held, evidence.judged, evidence.count, evidence.of) == (2, 3, 152, 192)
    assert (evidence.low, evidence.high) == wilson(152, 192)


def test_evidence_leaves_out_other_claims_and_what_was_not_judged() -> None:
    reworded, stricter = (CLAIM.model_copy(update=each) for each in ({"text": "Nearly all do."}, {"at_least": 0.9}))
    runs = [
        judge([CLAIM, reworded, stricter], {"share": share(60, 64)}),
        judge([reworded, stricter], {"share": share(60, 64)}),
        judge([CLAIM], {"share": share(0, 0)}),
        judge([CLAIM], {}),
    ]
    evidence = pool(runs, CLAIM)
    assert (evidence.held, evidence.judged, evidence.count, evidence.of) == (1, 1, 60, 64)


def test_evidence_of_a_quantity_counts_runs_alone() -> None:
    claim = Claim(text="It is large.", finding="gap", at_least=3)
    runs = [judge([claim], {"gap": {"kind": "quantity", "value": value, "unit": ""}}) for value in (3.5, 2.5, None)]
    evidence = pool(runs, claim)
    assert (evidence.held, evidence.judged) == (1, 2)
    assert evidence.count is evidence.of is evidence.low is evidence.high is None


def test_evidence_of_no_runs_is_empty() -> None:
    assert pool([], CLAIM).judged == 0


def test_what_is_no_sample_is_judged_but_not_pooled() -> None:
    claim = Claim(text="Few.", finding="s", at_most=0.2)
    every = share(8, 78) | {"low": None, "high": None}
    found = pool([judge([claim], {"s": every})] * 3, claim)
    assert (found.held, found.judged, found.count, found.of) == (3, 3, None, None)
