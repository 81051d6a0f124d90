"""Verdicts: whether each claim of an entry held in one run, and evidence: the same, pooled over runs that are alike."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.intervals import wilson
from assistant.library.claims import Claim
from assistant.library.findings import Finding
from assistant.library.strict import Strict


class Verdict(Strict):
    """A claim, its finding in one run, and whether it held: None where there was nothing to judge."""

    claim: Claim
    finding: Finding | None
    held: bool | None

    def to_json(self) -> dict[str, Any]:
        """Return what is stored of it."""
        finding = self.finding.to_json() if self.finding is not None else None
        return {"claim": self.claim.to_json(), "finding": finding, "held": self.held}


def judge(claims: Sequence[Claim], findings: Mapping[str, Mapping[str, Any]]) -> tuple[Verdict, ...]:
    """Return a verdict for each claim, by the findings of one run."""
    verdicts = []
    for claim in claims:
        found = findings.get(claim.finding)
        finding = claim.as_counted(Finding.model_validate(found) if found is not None else None)
        value = None if finding is None else finding.value
        held = None if value is None else claim.holds(value)
        verdicts.append(Verdict(claim=claim, finding=finding, held=held))
    return tuple(verdicts)


@dataclass(frozen=True)
class Evidence:
    """One claim's verdicts and finding, pooled; ``count`` of ``of`` networks for a share, and its Wilson interval."""

    held: int
    judged: int
    count: int | None
    of: int | None
    low: float | None
    high: float | None


def pool(runs: Iterable[Sequence[Verdict]], claim: Claim) -> Evidence:
    """Pool one claim over the verdicts of runs that are alike."""
    told = [each for run in runs for each in run if each.claim.text == claim.text]  # This tells most claims apart.
    same = [each for each in told if each.claim == claim and each.held is not None]
    shares = [each.finding for each in same if each.finding is not None and each.finding.is_sample]
    held = sum(each.held is True for each in same)
    return evidence_from_sums(held, len(same), sum(share.count for share in shares), sum(share.of for share in shares))


def evidence_from_sums(held: int, judged: int, count: int, of: int) -> Evidence:
    """Return evidence from its sums; ``of`` is 0 for a claim about no share of a sample."""
    if not of:
        return Evidence(held, judged, None, None, None, None)
    low, high = wilson(count, of)
    return Evidence(held, judged, count, of, low, high)


def evidence_key(entry_id: int, experiment: str, code: str, hyperparameters: Mapping[str, Any], claim: Claim) -> str:
    """Return what the evidence of one claim is summed under; equal only where all of these are equal."""
    alike = [entry_id, experiment, code, _plain(hyperparameters), _plain(claim.to_json())]
    return hashlib.sha256(json.dumps(alike, sort_keys=True).encode()).hexdigest()


def _plain(value: Any) -> Any:  # noqa: ANN401
    """Return a value so that what is equal is also written equally, such as 1 and 1.0."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
