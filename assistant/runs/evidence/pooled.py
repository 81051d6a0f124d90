"""A finding over several runs that are alike: networks added up, and of a quantity the median and the range."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from assistant.intervals import NORMAL_999, wilson
from assistant.library.findings import Finding, label_text, number_text, part_text, quantity_text


@dataclass(frozen=True)
class Pooled:
    """What several runs found; those in which there was nothing to count or to measure are left out."""

    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, findings: Iterable[Finding | None]) -> "Pooled":
        """Pool the same finding of several runs; None is of a run that does not report it."""
        return cls(tuple(each for each in findings if each is not None and each.value is not None))

    @property
    def range(self) -> tuple[float, float] | str | None:
        """Where a written number has to lie: the 99.9 % interval of a share of a sample, the range of other numbers.

        Of a label it is the most frequent one; None where nothing was found.
        """
        if not self.findings:
            return None
        if self._is_label:
            return self._most_frequent[0]
        if self._is_sample:
            return wilson(*self._sums, NORMAL_999)
        return min(self._values), max(self._values)

    @property
    def has_range(self) -> bool:
        """Whether it is a number whose runs have a range, and no interval: a quantity, or a share of no sample."""
        return not (self._is_label or self._is_sample)

    @property
    def words(self) -> str:
        """Say what was found, as a reader would."""
        if not self.findings:
            return "nothing to measure"
        first, runs = self.findings[0], len(self.findings)
        many = f"{runs:,} runs" if runs > 1 else "1 run"
        if self._is_label:
            value, times = self._most_frequent
            return f"{label_text(value)}, in {times:,} of {many}"
        if self._is_sample:
            (count, of), (low, high) = self._sums, wilson(*self._sums)
            networks = " networks" if first.counts_networks else ""
            interval = f"95 % interval {low * 100:.1f} to {high * 100:.1f} %"
            return f"{count:,} of {of:,}{networks} in {many}: {count / of * 100:.1f} % ({interval})"
        low, high = min(self._values), max(self._values)
        if first.kind == "share" and low == high:
            return f"{first.words}, the same in {'every one of ' if runs > 1 else ''}{many}"
        middle = quantity_text(median(self._values), first.unit)
        if runs == 1 or low == high:
            return f"{middle}, {'the same ' if runs > 1 else ''}in {many}"
        return f"{middle}, the median of {many} ({_bare(low, first.unit)} to {_bare(high, first.unit)})"

    @property
    def _is_label(self) -> bool:
        return self.findings[0].kind == "label"

    @property
    def _is_sample(self) -> bool:
        return all(each.is_sample for each in self.findings)

    @property
    def _sums(self) -> tuple[int, int]:
        return sum(each.count for each in self.findings), sum(each.of for each in self.findings)

    @property
    def _values(self) -> list[float]:
        return [float(each.value) for each in self.findings if each.value is not None]

    @property
    def _most_frequent(self) -> tuple[str, int]:
        return Counter(str(each.value) for each in self.findings).most_common(1)[0]


def _bare(value: float, unit: str) -> str:
    """Write one end of a range, whose unit is said already; parts of something as per cent."""
    return part_text(value) if unit.startswith("share of") else number_text(value)
