"""Charts of findings: shares with their intervals, and curves over training steps."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FuncFormatter, PercentFormatter

from models.figures import Figure, Table
from models.figures.style import Palette, canvas
from models.figures.sweeps import counted
from models.findings import Share


def draw_shares(
    palette: Palette,
    rows: Sequence[tuple[str, Share]],
    *,
    reference: tuple[float, str] | None = None,
    right: float = 1.0,
) -> Canvas:
    """Draw shares as dots with their 95 % intervals, one row each, labelled above the row.

    ``rows`` holds labels and shares; ``reference`` is a value to compare with and its name.
    """
    figure = canvas(0.55 + 0.52 * len(rows))
    axes = figure.add_subplot()
    for at, (label, share) in enumerate(rows):
        axes.plot([0, right], [at, at], color=palette.grid, linewidth=1, zorder=0)
        if share.value is not None and share.low is not None and share.high is not None:
            axes.plot([share.low, share.high], [at, at], color=palette.neurons[0], linewidth=5, alpha=0.35, zorder=1)
            axes.plot([share.value], [at], "o", color=palette.neurons[0], markersize=6.5, zorder=2)
        axes.text(0, at - 0.24, label, va="bottom")
        axes.text(right, at - 0.24, share.words, va="bottom", ha="right", color=palette.muted)
    if reference is not None:
        places = np.arange(len(rows))
        axes.vlines(
            np.full(len(rows), reference[0]),
            places - 0.14,
            places + 0.14,
            color=palette.accent,
            linewidth=1.8,
            zorder=3,
        )
        axes.text(reference[0], len(rows) - 0.5, reference[1], color=palette.accent, ha="center", va="center")
    axes.set_ylim(len(rows) - (0.25 if reference else 0.7), -0.75)
    axes.set_xlim(-0.02 * right, right * 1.02)
    axes.set_yticks([])
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    return figure


def shares_figure(
    name: str,
    title: str,
    caption: str,
    rows: Sequence[tuple[str, Share]],
    first: str,
    *,
    reference: tuple[float, str] | None = None,
    right: float = 1.0,
) -> Figure:
    """Return a figure of shares, one row each; ``first`` heads the column of their labels in the table."""
    words = f"{title}. {counted(rows)}."
    return Figure(
        name=name,
        title=title,
        caption=caption,
        alternative=words if reference is None else f"{words} The mark, {reference[1]}: {reference[0]:.1%}.",
        table=share_table(rows, first),
        draw=lambda palette: draw_shares(palette, rows, reference=reference, right=right),
    )


def legend(
    figure: Canvas,
    *axes: Axes,
    handles: Mapping[str, Any] | None = None,
    columns: int = 1,
    columnspacing: float = 1.2,
    inside: bool = False,
    **how: Any,  # noqa: ANN401
) -> None:
    """Put one legend above a figure, each label once.

    It has the ``handles`` that are given by their labels, or else those of ``axes``, or of all axes. It is ``inside``
    the canvas where the layout is not solved, and ``how`` is passed on to matplotlib.
    """
    shown = dict(handles or {})
    for each in () if handles is not None else axes or figure.axes:
        for handle, label in zip(*each.get_legend_handles_labels(), strict=True):
            shown.setdefault(label, handle)
    figure.legend(
        list(shown.values()),
        list(shown),
        loc="upper left" if inside else "outside upper left",
        ncols=columns,
        columnspacing=columnspacing,
        **how,
    )


def share_table(rows: Sequence[tuple[str, Share]], first: str) -> Table:
    """Return shares with their intervals as a table; ``first`` heads the labels."""
    return Table(
        (first, "networks", "of", "share", "95 % interval"),
        tuple(
            (
                label,
                str(share.count),
                str(share.of),
                "none" if share.value is None else f"{share.value:.1%}",
                share.interval,
            )
            for label, share in rows
        ),
    )


def log_steps(axes: Axes, steps: npt.NDArray[np.intp]) -> None:
    """Make the horizontal axis one of training steps, logarithmic but for the start."""
    axes.set_xscale("symlog", linthresh=1, linscale=0.4)
    ticks = [0, *(10**power for power in range(int(np.log10(max(int(steps[-1]), 1))) + 1))]
    axes.set_xticks(ticks)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.set_xlim(-0.1, int(steps[-1]))
    axes.minorticks_off()
