"""What a run found: shares of networks, quantities and labels, each with what it says in words."""

from dataclasses import dataclass
from typing import Annotated, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, Field, FiniteFloat

from models.statistics import wilson

Kind = Literal["share", "quantity", "label"]


class Share(BaseModel, frozen=True):
    """A count of networks with its denominator and its Wilson interval (95 %).

    What is no sample, such as all pairs of lines or a start without anything random in it, has no interval.
    """

    kind: Literal["share"] = "share"
    label: str
    value: FiniteFloat | None
    count: int
    of: int
    low: FiniteFloat | None
    high: FiniteFloat | None

    @classmethod
    def counted(cls, label: str, hits: npt.NDArray[np.bool_], *, sample: bool = True) -> Self:
        """Return how many of ``hits`` (networks,) are true.

        A share of nothing has no value, and what is no ``sample`` no interval.

        Raises:
            TypeError: ``hits`` are no booleans, or not one for each network.
        """
        if hits.dtype != np.bool_ or hits.ndim != 1:
            raise TypeError(f"a share counts booleans (networks,), not {hits.dtype} of shape {hits.shape}: {label}")
        count, of = int(np.count_nonzero(hits)), int(hits.size)
        low, high = wilson(count, of) if of and sample else (None, None)
        return cls(label=label, value=count / of if of else None, count=count, of=of, low=low, high=high)

    @property
    def words(self) -> str:
        """The count with its denominator."""
        return f"{self.count} of {self.of}"

    @property
    def interval(self) -> str:
        """The interval in words."""
        return "none" if self.low is None else f"{self.low:.1%} to {self.high:.1%}"


class Quantity(BaseModel, frozen=True):
    """A number with its unit; None where no network gave one."""

    kind: Literal["quantity"] = "quantity"
    label: str
    value: FiniteFloat | None
    unit: str

    @classmethod
    def measured(cls, label: str, value: float | None, unit: str) -> Self:
        """Return a number as a finding; one that is not finite becomes None."""
        known = None if value is None or not np.isfinite(value) else float(value)
        return cls(label=label, value=known, unit=unit)


class Label(BaseModel, frozen=True):
    """A name as a finding, such as that of the best of several."""

    kind: Literal["label"] = "label"
    label: str
    value: str | None


Finding = Annotated[Share | Quantity | Label, Field(discriminator="kind")]


@dataclass(frozen=True)
class Declared:
    """A finding, or a family of them, that an experiment reports.

    The name of a family holds placeholders in angle brackets, as in ``gap.<rung>``; its label holds the same names in
    braces.
    """

    kind: Kind
    label: str
    unit: str = ""
