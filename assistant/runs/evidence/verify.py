"""Verifying: run the entries' experiments with fresh seeds, and count how often claims hold and controls refute them.

A claim's control is what a wrong world would look like: the networks before training, or the arm of the experiment in
which the text says that it is not so. A claim that its control does not refute says nothing.
"""

import json
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant.library.claims import UNTRAINED, Claim
from assistant.library.entries import Entry, measured_of
from assistant.library.findings import Finding
from assistant.library.texts.measured import Measured, agrees, written_range
from assistant.runs.evidence.pooled import Pooled
from assistant.runs.evidence.verdicts import Evidence, judge, pool

SHARE_OF_RUNS = 0.95  # in which a claim must hold
FEWEST_FOR_RANGE = 15  # runs whose range a written quantity is held against
DEVIATIONS = 3.0  # binomial standard deviations that a threshold keeps from the pooled share

Findings = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Run:
    """What one run found, and what the same measures find of its networks before training."""

    findings: Findings
    untrained: Findings = field(default_factory=dict)


Execute = Callable[[str, Mapping[str, Any], int, frozenset[str]], Run]


@dataclass(frozen=True)
class Tally:
    """One claim over several runs: how often it held and its control refuted it, what was found, and how clearly."""

    claim: Claim
    runs: int
    evidence: Evidence
    result: str
    claimed: str
    margin: float | None  # in binomial standard deviations of one run; None for what is no share
    refuted: int | None  # in how many runs the control refutes the claim; None for a claim without one

    @property
    def enough(self) -> bool:
        """Whether the claim held often enough."""
        return self.evidence.held >= self.runs - failures_allowed(self.runs)

    @property
    def narrow(self) -> bool:
        """Whether chance alone may carry a run over the threshold now and then."""
        return self.margin is not None and self.margin < DEVIATIONS

    @property
    def idle(self) -> bool:
        """Whether the claim would hold in a wrong world too, as far as its control can tell; a theorem needs none."""
        if self.claim.theorem:
            return False
        return self.refuted is None or self.refuted < self.runs - failures_allowed(self.runs)


@dataclass(frozen=True)
class NumberTally:
    """One measured number of an entry's texts over several runs, and whether they found something else."""

    number: Measured
    pooled: Pooled
    written: tuple[float, float] | str

    @property
    def drifted(self) -> bool:
        """Whether the number, as precisely as it is written, lies outside of what was found.

        The range of few runs says little: of a right median, each of them lies on the same side by chance alone.
        """
        found = self.pooled.range
        if found is None:
            return True
        if self.pooled.has_range and len(self.pooled.findings) < FEWEST_FOR_RANGE:
            return False
        return not agrees(self.written, found)


def failures_allowed(runs: int) -> int:
    """Return in how many of so many runs a claim may fail.

    That is one in twenty. Fewer runs than twenty cannot tell 95 % from less, and a claim that holds in 99 of 100 runs
    fails once among a few easily; it then takes two failures to say that it falls short. A single run must hold.
    """
    return max(math.floor(runs * (1 - SHARE_OF_RUNS) + 1e-9), min(1, runs - 1))


def verify(
    entries: Sequence[Entry], seeds: Sequence[int], execute: Execute
) -> Iterator[tuple[Entry, list[Tally], list[NumberTally]]]:
    """Yield each entry with the tallies of its claims and of its texts' measured numbers, in their order.

    Entries of the same experiment and parameters are judged by the same runs.

    Args:
        entries: whose claims are verified.
        seeds: one for each run.
        execute: runs an experiment, by name, with these parameters from a seed, and returns what it found, and these
            findings of the networks before training.
    """
    before: dict[str, frozenset[str]] = {}
    for entry in entries:
        for experiment, key in _keys(entry).items():
            before[key] = before.get(key, frozenset()) | {
                claim.finding
                for claim in entry.claims
                if claim.control == UNTRAINED and (claim.experiment or entry.main.experiment) == experiment
            }
    done: dict[str, list[Run]] = {}
    for entry in entries:
        keys = _keys(entry)
        for each in entry.experiments:
            key = keys[each.experiment]
            if key not in done:
                done[key] = [execute(each.experiment, each.hyperparameters, seed, before[key]) for seed in seeds]
        main = entry.main.experiment
        yield (
            entry,
            [tally(claim, done[keys[claim.experiment or main]]) for claim in entry.claims],
            [tally_number(number, done[keys[number.experiment or main]]) for number in measured_of(entry)],
        )


def _keys(entry: Entry) -> dict[str, str]:
    """Return what tells the runs of each of an entry's experiments from those of others."""
    return {
        each.experiment: json.dumps([each.experiment, each.hyperparameters], sort_keys=True)
        for each in entry.experiments
    }


def tally(claim: Claim, runs: Sequence[Run]) -> Tally:
    """Judge a claim by the findings of several runs."""
    verdicts = [judge([claim], run.findings) for run in runs]
    findings = [each.finding for (each,) in verdicts if each.held is not None and each.finding is not None]
    evidence = pool(verdicts, claim)
    margin = _margin(claim, evidence, findings) if evidence.count is not None else None
    words = claim.words(findings[0].kind, findings[0].unit) if findings else claim.words("")
    return Tally(claim, len(runs), evidence, _result_text(evidence, findings), words, margin, _refuted(claim, runs))


def tally_number(number: Measured, runs: Sequence[Run]) -> NumberTally:
    """Hold a number against what several runs found.

    Raises:
        ValueError: it cannot be read as a number of its finding's kind; `library check` refuses such ones.
    """
    found = [run.findings.get(number.finding) for run in runs]
    pooled = Pooled.of(Finding.model_validate(each) if each is not None else None for each in found)
    if not pooled.findings:
        return NumberTally(number, pooled, number.words)
    first = pooled.findings[0]
    return NumberTally(number, pooled, written_range(number.words, first.kind, first.unit))


def _refuted(claim: Claim, runs: Sequence[Run]) -> int | None:
    """Return in how many runs the claim's control refutes it; where it finds nothing to judge, it does not."""
    if claim.control is None:
        return None
    if claim.control == UNTRAINED:
        controls = [judge([claim], run.untrained) for run in runs]
    else:
        other = claim.model_copy(update={"finding": claim.control})
        controls = [judge([other], run.findings) for run in runs]
    return sum(each.held is False for (each,) in controls)


def _margin(claim: Claim, evidence: Evidence, findings: Sequence[Finding]) -> float | None:
    """Return how far the nearest threshold is from the pooled share, negative on its wrong side.

    The unit is the standard deviation of one run's share, at the denominators that the runs had.
    """
    bounds = claim.bounds
    if evidence.count is None or not evidence.of or isinstance(bounds, str):
        return None
    share = evidence.count / evidence.of
    low, high = bounds
    # No share is below 0 or above 1, and so no run can cross a threshold that stands there.
    room = min(share - low if low > 0 else math.inf, high - share if high < 1 else math.inf)
    deviation = math.sqrt(share * (1 - share) * sum(1 / each.of for each in findings) / len(findings))
    if deviation == 0:
        return math.inf if room >= 0 else -math.inf
    return room / deviation


def _result_text(evidence: Evidence, findings: Sequence[Finding]) -> str:
    """Say in a few words what was found in all runs together."""
    if not findings:
        return "nothing to judge"
    if evidence.count is not None and evidence.low is not None and evidence.high is not None:
        interval = f"{evidence.low * 100:.1f} to {evidence.high * 100:.1f} %"
        return f"{evidence.count:,} of {evidence.of:,} ({interval})"
    if findings[0].kind == "share":
        return ", ".join(sorted({each.words for each in findings}))
    if findings[0].kind == "label":
        value, count = Counter(each.value for each in findings).most_common(1)[0]
        return f"{value} ({count} of {len(findings)})"
    values = [each.value for each in findings if isinstance(each.value, float)]
    low, high = min(values), max(values)
    return f"{low:.4g}" if low == high else f"{low:.4g} to {high:.4g}"


def to_table(tallies: Sequence[Tally]) -> str:
    """Return tallies as a table for people."""
    heads = ("held", "found", "claimed", "margin", "refuted by its control", "claim")
    return _aligned([heads, *(_row(each) for each in tallies)])


def numbers_table(tallies: Sequence[NumberTally]) -> str:
    """Return the measured numbers of a text as a table for people."""
    rows = [("", "written", "found", "finding")]
    for each in tallies:
        rows.append(("DRIFTED" if each.drifted else "", each.number.words, each.pooled.words, each.number.target))
    return _aligned(rows)


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]) - 1)]
    return "\n".join(
        "  " + "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]])
        for row in rows
    )


def _row(each: Tally) -> tuple[str, str, str, str, str, str]:
    margin = "" if each.margin is None else "exact" if math.isinf(each.margin) else f"{each.margin:.1f} sd"
    unjudged = each.runs - each.evidence.judged
    held = f"{each.evidence.held} of {each.runs}" + (f", {unjudged} not judged" if unjudged else "")
    marks = (" FALLS SHORT" if not each.enough else "") + (" NARROW" if each.narrow else "")
    if each.claim.theorem:
        control = "theorem"
    elif each.refuted is None:
        control = "none named NO CONTROL"
    else:
        control = f"{each.refuted} of {each.runs}: {each.claim.control}" + (" NOT REFUTED" if each.idle else "")
    return held, each.result, each.claimed, margin + marks, control, each.claim.text
