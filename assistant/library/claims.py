"""Claims: sentences of an entry, each tied to a finding by one predicate.

One type from the content file to the page. What a claim's numbers may be depends on the kind of its finding, which only
the experiment knows: `misfits` says so wherever claims are checked.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from typing import Any, Literal, Self, get_args

from pydantic import FiniteFloat, field_validator, model_validator

from assistant.library.findings import PARTS, Finding, declaration_of, label_text, quantity_text
from assistant.library.strict import OneLine, Strict

Predicate = Literal["at_least", "at_most", "between", "equals"]
PREDICATES: tuple[Predicate, ...] = get_args(Predicate)
UNTRAINED = "untrained"  # the control of a claim that networks before training must refute


class Claim(Strict):
    """A sentence, the finding that it is about, and exactly one predicate that the finding's value must satisfy.

    ``experiment`` is another of the entry's experiments than the main one. With ``complement``, the networks are
    counted of which the finding is *not* true, as "they differ in every network" does over a share of identical ones.
    ``control`` must refute the claim: untrained networks, or another finding of the experiment. A ``theorem`` cannot
    fail, and is checked all the same.
    """

    text: OneLine
    finding: OneLine
    experiment: OneLine | None = None
    complement: bool = False
    at_least: FiniteFloat | None = None
    at_most: FiniteFloat | None = None
    between: tuple[FiniteFloat, FiniteFloat] | None = None
    equals: str | FiniteFloat | None = None
    control: OneLine | None = None
    theorem: bool = False

    @field_validator("between")
    @classmethod
    def _in_order(cls, between: tuple[float, float] | None) -> tuple[float, float] | None:
        if between is not None and between[0] > between[1]:
            raise ValueError("the smaller number of between comes first")
        return between

    @model_validator(mode="after")
    def _one_predicate(self) -> Self:
        given = [name for name in PREDICATES if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"a claim needs exactly one of {', '.join(PREDICATES)}, not {len(given)}")
        return self

    @property
    def predicate(self) -> Predicate:
        """The one predicate that is given."""
        return next(name for name in PREDICATES if getattr(self, name) is not None)

    @property
    def bounds(self) -> tuple[float, float] | str:
        """The smallest and the largest value with which the claim holds, or the label that the value must be."""
        if isinstance(self.equals, str):
            return self.equals
        if self.equals is not None:
            return self.equals, self.equals
        if self.between is not None:
            return self.between
        low, high = self.at_least, self.at_most
        return -math.inf if low is None else low, math.inf if high is None else high

    def holds(self, value: float | str) -> bool:
        """Say whether a value is what is claimed."""
        bounds = self.bounds
        if isinstance(bounds, str) or isinstance(value, str):
            return value == bounds
        return bounds[0] <= value <= bounds[1]

    def as_counted(self, finding: Finding | None) -> Finding | None:
        """Return a finding as the claim counts it."""
        return finding.complement() if finding is not None and self.complement else finding

    def words(self, kind: str, unit: str = "", of: int | None = None) -> str:
        """Say what is claimed, as a reader would: "all 64", "none", "at least 60 %".

        Args:
            kind: the kind of the finding.
            unit: its unit, of a quantity.
            of: how many networks are counted, of a share where that is known.
        """
        bounds = self.bounds
        if isinstance(bounds, str):
            return label_text(bounds)
        low, high = bounds
        if kind == "share":
            return _share_text(low, high, of)
        if part := PARTS.fullmatch(unit):
            return f"{_share_text(low, high)} of the {part[1]}"
        if low == high:
            return f"exactly {quantity_text(low, unit)}"
        if math.isinf(high):
            return f"at least {quantity_text(low, unit)}"
        return (
            f"at most {quantity_text(high, unit)}"
            if math.isinf(low)
            else (f"from {quantity_text(low, '')} to {quantity_text(high, unit)}")
        )

    def counts(self, of: int) -> str:
        """Say in few words how many of so many networks are claimed, where a claim is about a share: "at most 25"."""
        bounds = self.bounds
        if isinstance(bounds, str):
            return bounds
        counts = _counts(*bounds, of)
        if counts is None:
            return _share_text(*bounds)
        if counts == (0, of):
            return "any number"
        return "none" if counts[1] == 0 else f"all {of:,}" if counts[0] == of else _range_of_counts(*bounds, *counts)


def _share_text(low: float, high: float, of: int | None = None) -> str:
    """Say a range of parts of a whole: as counts where it is known of how many, and as each bound was written."""
    if low >= 1:
        return f"all {of:,}" if of is not None and of > 1 else "all"
    if high <= 0 or (low <= 0 and high >= 1):
        return "none" if high <= 0 else "any number"
    parts = _range_text(low, high, f"{low * 100:g}", f"{high * 100:g}")
    written = f"{' '.join(parts)} %"
    if of is None or of < 2:
        return written
    counts = _counts(low, high, of)
    if counts is None:
        return written
    fewest, most = counts
    if most == 0 or fewest == of:
        return f"{f'all {of:,}' if most else 'none'} ({written})"
    return f"{_range_of_counts(low, high, fewest, most)} of {of:,} ({parts[1]} %)"


def _counts(low: float, high: float, of: int) -> tuple[int, int] | None:
    """Return the fewest and the most of so many whose share, as it is measured, is within bounds; None for none."""
    fewest = bisect_left(range(of + 1), low, key=lambda count: count / of)
    most = bisect_right(range(of + 1), high, key=lambda count: count / of) - 1
    return (fewest, most) if fewest <= most else None


def _range_of_counts(low: float, high: float, fewest: int, most: int) -> str:
    return " ".join(_range_text(low, high, f"{fewest:,}", f"{most:,}"))


def _range_text(low: float, high: float, lowest: str, highest: str) -> tuple[str, str]:
    """Return how a range of parts of a whole is said: the word for it, and its bounds as they are written."""
    if lowest == highest:
        return "exactly", lowest
    if low <= 0:
        return "at most", highest
    return ("at least", lowest) if high >= 1 else ("from", f"{lowest} to {highest}")


def misfits(claim: Claim, declared: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield the fields of a claim that its experiment's findings do not allow, each with what would be right.

    Args:
        claim: what is claimed.
        declared: the findings that the experiment reports, by name or by family, each with ``kind`` and ``unit``.
    """
    finding = declaration_of(claim.finding, declared)
    if finding is None:
        yield "finding", f"the experiment reports no {claim.finding!r}: choose one of {', '.join(declared)}"
        return
    kind, value = finding["kind"], getattr(claim, claim.predicate)
    numbers = value if isinstance(value, tuple) else (value,)
    if kind == "label":
        if not isinstance(value, str):
            yield claim.predicate, "a label takes only equals, with a text"
    elif isinstance(value, str):
        yield claim.predicate, f"a {kind} takes a number, not {value!r}"
    elif kind == "share" or PARTS.fullmatch(finding.get("unit", "")):
        for wrong in (each for each in numbers if not 0 <= each <= 1):
            yield claim.predicate, f"a share takes a number from 0 to 1, such as 0.95 for 95 %, not {wrong:g}"
    if claim.complement and kind != "share":
        yield "complement", f"only a share can be counted where it is not true, and {claim.finding} is a {kind}"
    if claim.control not in {None, UNTRAINED}:
        control = declaration_of(claim.control or "", declared)
        if control is None or control["kind"] != kind:
            yield (
                "control",
                f"a control is {UNTRAINED}, or another {kind} that the experiment reports, not {claim.control!r}",
            )
