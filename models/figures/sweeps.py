"""Shares and curves against something that is varied over several powers of ten, such as a rate or a scale."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullLocator, PercentFormatter

from models.figures import Table
from models.figures.style import DASHES, MARKERS, Palette
from models.findings import Share

BAND = (10, 90)  # per cent of the networks between which a band lies


def draw_share_curve(
    axes: Axes,
    palette: Palette,
    index: int,
    values: Sequence[float],
    shares: Sequence[Share],
    label: str,
    *,
    joined: bool = True,
) -> None:
    """Draw shares against ``values``, with their 95 % intervals as vertical bars.

    ``index`` chooses colour, dashes and marker, so that nothing is told by colour alone. What is not ``joined`` has no
    line between its values.
    """
    known = [(value, each.value, each.low, each.high) for value, each in zip(values, shares, strict=True) if each.of]
    places, middle, low, high = np.array(known, float).reshape(-1, 4).T
    colour = palette.neurons[index]
    axes.vlines(places, low, high, color=colour, linewidth=4, alpha=0.3)
    axes.plot(
        places,
        middle,
        color=colour,
        linestyle=DASHES[index] if joined else "none",
        marker=MARKERS[index],
        markersize=5.5,
        label=label,
        clip_on=False,
    )


def share_axis(axes: Axes) -> None:
    """Make the vertical axis one of shares, from nothing to all."""
    axes.set_ylim(-0.03, 1.03)
    axes.set_yticks([0, 0.5, 1])
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    axes.grid(axis="y")
    axes.set_axisbelow(True)


def powers_of_ten(axes: Axes, values: Sequence[float]) -> None:
    """Make the horizontal axis logarithmic with a tick, written out, at each of ``values`` that is a power of ten."""
    axes.set_xscale("log")
    axes.set_xticks([value for value in values if np.isclose(np.log10(value) % 1, [0, 1], atol=1e-6).any()])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlim(min(values) / 1.6, max(values) * 1.6)


def counted(shares: Sequence[tuple[str, Share]]) -> str:
    """Say how many networks each of several shares counts."""
    return "; ".join(f"{label}: {share.words}" for label, share in shares)


def counts_table(first: str, values: Sequence[str], columns: Mapping[str, Sequence[Share]]) -> Table:
    """Return a table of counts: a row for each value that is varied, a column for each family of shares."""
    rows = zip(values, *columns.values(), strict=True)
    return Table(
        (first, *columns),
        tuple((value, *(share.words for share in shares)) for value, *shares in rows),
    )


def counts_words(values: Sequence[str], columns: Mapping[str, Sequence[Share]]) -> str:
    """Say in words what `counts_table` says in numbers, family by family."""
    return ". ".join(f"{name}: {counted(list(zip(values, each, strict=True)))}" for name, each in columns.items()) + "."


def number(value: float | None, form: str = ".3g") -> str:
    """Write a finding's value, or that there is none."""
    return "none" if value is None or not np.isfinite(value) else format(value, form)


def tenths(values: npt.NDArray[np.floating], form: str = ".3g") -> tuple[str, str]:
    """Write below and above which value a tenth of the finite ones lie."""
    known = values[np.isfinite(values)]
    if not known.size:
        return "none", "none"
    low, high = np.percentile(known, BAND)
    return number(low, form), number(high, form)
