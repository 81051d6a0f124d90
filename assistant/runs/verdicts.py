"""Verdicts: whether each claim of an entry held in one run, and evidence: the same, pooled over runs that are alike."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.intervals import wilson
from assistant.library.entries import PREDICATES


def judge(claims: Sequence[Mapping[str, Any]], findings: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a verdict for each claim: the claim, its finding, and ``held`` (None where there was nothing to judge)."""
    verdicts = []
    for claim in claims:
        finding = findings.get(claim["finding"])
        value = None if finding is None else finding["value"]
        verdicts.append(
            {"claim": dict(claim), "finding": finding, "held": None if value is None else holds(claim, value)}
        )
    return verdicts


def holds(claim: Mapping[str, Any], value: float | str) -> bool:
    """Say whether a claim's predicate is true of a value."""
    if claim.get("equals") is not None:
        return bool(value == claim["equals"])
    if isinstance(value, str):
        return False
    if claim.get("between") is not None:
        low, high = claim["between"]
        return bool(low <= value <= high)
    if claim.get("at_least") is not None:
        return bool(value >= claim["at_least"])
    return bool(value <= claim["at_most"])


def wanted(claim: Mapping[str, Any], *, share: bool) -> str:
    """Say in words what a claim's predicate asks for."""

    def number(value: Any) -> str:  # noqa: ANN401
        if not isinstance(value, int | float):
            return f"{value}"
        return f"{value * 100:g} %" if share else written(value)

    name = next(name for name in PREDICATES if claim.get(name) is not None)
    if name == "between":
        low, high = claim["between"]
        return f"between {number(low)} and {number(high)}"
    return f"{name.replace('_', ' ')} {number(claim[name])}"


def written(value: float) -> str:
    """Write a number as a reader would: four digits at most, and a power of ten where it is very small or large."""
    digits, very, power = f"{value:.4g}".partition("e")
    if not very:
        return digits
    raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"10{raised}" if digits == "1" else f"{digits} × 10{raised}"


@dataclass(frozen=True)
class Evidence:
    """One claim's verdicts and finding, pooled; ``count`` of ``of`` networks for a share, and its Wilson interval."""

    held: int
    judged: int
    count: int | None
    of: int | None
    low: float | None
    high: float | None


def pool(runs: Iterable[Sequence[Mapping[str, Any]]], claim: Mapping[str, Any]) -> Evidence:
    """Pool one claim over the verdicts of runs that are alike."""
    same = [verdict for run in runs for verdict in run if verdict["claim"] == claim and verdict["held"] is not None]
    held = sum(verdict["held"] for verdict in same)
    shares = [verdict["finding"] for verdict in same if verdict["finding"]["kind"] == "share"]
    return summed(held, len(same), sum(share["count"] for share in shares), sum(share["of"] for share in shares))


def summed(held: int, judged: int, count: int, of: int) -> Evidence:
    """Return evidence from its sums; ``of`` is 0 for a claim about no share."""
    if not of:
        return Evidence(held, judged, None, None, None, None)
    low, high = wilson(count, of)
    return Evidence(held, judged, count, of, low, high)


def evidence_key(
    entry_id: int, experiment: str, code: str, hyperparameters: Mapping[str, Any], claim: Mapping[str, Any]
) -> str:
    """Return what the evidence of one claim is summed under; equal only where all of these are equal."""
    alike = [entry_id, experiment, code, _plain(hyperparameters), _plain(claim)]
    return hashlib.sha256(json.dumps(alike, sort_keys=True).encode()).hexdigest()


def _plain(value: Any) -> Any:  # noqa: ANN401
    """Return a value so that what is equal is also written equally, such as 1 and 1.0."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
