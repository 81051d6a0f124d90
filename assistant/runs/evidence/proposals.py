"""Where a claim's threshold may stand: three standard deviations of a run away from what runs found."""

from collections.abc import Mapping, Sequence
from math import ceil, floor, sqrt
from statistics import mean, stdev
from typing import Any

from sqlalchemy import select

from assistant.database import db
from assistant.library.findings import Finding, number_text
from assistant.runs.tables import DONE, RunRow

RUNS = 20  # the newest that are pooled
FEWEST = 5  # runs from which a quantity's spread is told
AWAY = 3  # standard deviations


def found_lately(experiment: str) -> list[dict[str, Any]]:
    """Return the findings of an experiment's newest runs that count as evidence."""
    own = select(RunRow.findings).where(RunRow.experiment == experiment, RunRow.state == DONE, RunRow.evidence)
    return [each for each in db.session.scalars(own.order_by(RunRow.finished_at.desc()).limit(RUNS)) if each]


def proposal(lately: Sequence[Mapping[str, Any]], finding: str, complement: bool = False) -> str:
    """Say what was found lately, and the thresholds three standard deviations away; empty where no run found it.

    Of a share the deviation is that of one run's count, by Laplace's rule: all may be nearly all another time;
    of a quantity it is that between runs. A threshold that no share can miss is not proposed.

    Args:
        lately: the findings of runs, as `found_lately` returns them.
        finding: the name of one.
        complement: whether the networks are counted of which it is not true.
    """
    found = [Finding.model_validate(each[finding]) for each in lately if finding in each]
    if complement:
        found = [each.complement() for each in found]
    shares = [each for each in found if each.kind == "share" and each.of]
    if shares:
        count, of = sum(each.count for each in shares), sum(each.of for each in shares)
        share = count / of
        likely = (count + 1) / (of + 2)
        away = AWAY * sqrt(likely * (1 - likely) / shares[0].of)
        low, high = floor(100 * (share - away)) / 100, ceil(100 * (share + away)) / 100
        sides = [f"at least {low:g}"] if low > 0 else []
        sides += [f"at most {high:g}"] if high < 1 else []
        return _propose(f"{count:,} of {of:,}, {share:.3g}", len(shares), sides)
    values = [each.value for each in found if each.kind == "quantity" and isinstance(each.value, float | int)]
    if len(values) < FEWEST:
        return ""
    middle, away = mean(values), AWAY * stdev(values)
    sides = [f"at least {middle - away:.3g}", f"at most {middle + away:.3g}"]
    return _propose(f"{number_text(middle)} on average", len(values), sides)


def _propose(found: str, runs: int, sides: Sequence[str]) -> str:
    newest = "The newest run" if runs == 1 else f"The newest {runs} runs"
    away = f" Three standard deviations away: {', or '.join(sides)}." if sides else ""
    return f"{newest} found {found}.{away}"
