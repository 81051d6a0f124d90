"""What a run measured, and how numbers are said to a reader."""

import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal["share", "quantity", "label"]
BARE = {"weight", "ratio", "output", "logit", "gradient", "probability"}  # units that say nothing to a reader
PARTS = re.compile(r"share of (.+)")  # units of quantities that are a part of something else than networks


class Finding(BaseModel):
    """One finding of a run; a share has its count, its denominator, and, where it is of a sample, its 95 % interval."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Kind
    label: str = ""
    value: float | str | None
    unit: str = ""
    count: int = 0
    of: int = 0
    low: float | None = None
    high: float | None = None

    @property
    def counts_networks(self) -> bool:
        """Whether it is a share of networks, and not of something else such as all pairs of lines."""
        return self.kind == "share" and "network" in self.label

    @property
    def is_sample(self) -> bool:
        """Whether it is a share of a sample, so that more networks would tell more; all pairs of lines are none."""
        return self.kind == "share" and self.low is not None

    @property
    def words(self) -> str:
        """What was measured, as a reader would say it: 53 of 64 networks."""
        if self.kind == "share":
            networks = " networks" if self.counts_networks else ""
            return f"{self.count:,} of {self.of:,}{networks}" if self.of else "None to count"
        if self.value is None:
            return "Nothing to measure"
        return label_text(self.value) if isinstance(self.value, str) else quantity_text(self.value, self.unit)

    def complement(self) -> "Finding":
        """Return the share of the networks of which this one is not true."""
        rest = {"label": f"not: {self.label}", "count": self.of - self.count}
        rest |= {"value": None if self.value is None else (self.of - self.count) / self.of}
        rest |= {"low": self.high and 1 - self.high, "high": self.low and 1 - self.low}
        return self.model_copy(update=rest)

    def to_json(self) -> dict[str, Any]:
        """Return what is stored of it."""
        return self.model_dump(mode="json", exclude_unset=True)


def declaration_of(name: str, declared: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the declared finding, or family such as ``gap.<rung>``, that ``name`` belongs to."""
    if name in declared:
        return declared[name]
    return next((finding for family, finding in declared.items() if _parts(name, family) is not None), None)


def label_of(name: str, declared: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the label of a declared finding, or of the member ``name`` of a family; the name where none is known."""
    if name in declared:
        return str(declared[name]["label"])
    for family, finding in declared.items():
        if (parts := _parts(name, family)) is not None:
            return re.sub(r"{(\w+)}", lambda place, parts=parts: parts.get(place[1]) or "none", finding["label"])  # type: ignore[misc]
    return name


def _parts(name: str, family: str) -> dict[str, str] | None:
    """Return what stands for each placeholder of a family in the name of one of its findings; None if it is none."""
    pieces = re.split(r"<(\w+)>", family)
    if len(pieces) == 1:
        return None
    pattern = "".join(f"(?P<{each}>[^|]*)" if at % 2 else re.escape(each) for at, each in enumerate(pieces))
    match = re.fullmatch(pattern, name)
    return match.groupdict() if match is not None else None


def number_text(value: float) -> str:
    """Write a number as a reader would: four digits at most, and a power of ten where it is very small or large."""
    digits, very, power = f"{value:.4g}".partition("e")
    if not very:
        return digits
    raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"10{raised}" if digits == "1" else f"{digits} × 10{raised}"


def quantity_text(value: float, unit: str) -> str:
    """Say a quantity with its unit: parts of something as per cent, and weights and their like bare."""
    if part := PARTS.fullmatch(unit):
        return f"{part_text(value)} of the {part[1]}"
    if unit == "step":
        return f"step {number_text(value)}"
    return number_text(value) if unit in BARE else f"{number_text(value)} {unit}".rstrip()


def part_text(value: float) -> str:
    """Write a part of something as per cent, whole ones from 10 % on: 84 %, and 0.76 %."""
    return f"{100 * value:.0f} %" if abs(value) >= 0.1 else f"{round(100 * value, 2):.2g} %"


def label_text(value: str) -> str:
    """Say a name that was found; several in one are joined as in a sentence."""
    return value.replace("|", " and ")
