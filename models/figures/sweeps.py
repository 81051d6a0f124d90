"""Shares and curves against something that is varied over several powers of ten, such as a rate or a scale."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullLocator, PercentFormatter

from models.figures.style import DASHES, MARKERS, Palette


def draw_share_curve(
    axes: Axes,
    palette: Palette,
    index: int,
    values: Sequence[float],
    shares: Sequence[Any],
    label: str,
    *,
    joined: bool = True,
) -> None:
    """Draw `models.experiment.Share` findings against ``values``, with their 95 % intervals as upright bars.

    ``index`` chooses colour, dashes and marker, so that nothing is told by colour alone. What is not ``joined`` has no
    line between its values.
    """
    known = [(value, share) for value, share in zip(values, shares, strict=True) if share.value is not None]
    places = [value for value, _ in known]
    colour = palette.neurons[index]
    axes.vlines(
        places,
        [share.low for _, share in known],
        [share.high for _, share in known],
        color=colour,
        linewidth=4,
        alpha=0.3,
    )
    axes.plot(
        *(places, [share.value for _, share in known]),
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
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.grid(axis="y")
    axes.set_axisbelow(True)


def powers_of_ten(axes: Axes, values: Sequence[float]) -> None:
    """Make the horizontal axis logarithmic with a tick, written out, at each of ``values`` that is a power of ten."""
    axes.set_xscale("log")
    axes.set_xticks([value for value in values if np.isclose(np.log10(value) % 1, [0, 1], atol=1e-6).any()])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlim(min(values) / 1.6, max(values) * 1.6)


def counted(shares: Sequence[tuple[str, Any]]) -> str:
    """Say how many networks each of several shares counts."""
    return "; ".join(f"{label}: {share.count} of {share.of}" for label, share in shares)


def number(value: float | None, form: str = ".3g") -> str:
    """Write a finding's value, or that there is none."""
    return "none" if value is None or not np.isfinite(value) else format(value, form)
