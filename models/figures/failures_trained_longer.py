"""Failures trained longer: who recovers, and where the others sit."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure as Canvas

from models.experiment import Result
from models.figures import Figure, Table
from models.figures.charts import shares_figure
from models.figures.style import Palette, canvas


def recovered_figure(result: Result, names: Mapping[str, str]) -> Figure:
    """Return the share of the failed networks that succeed when they are trained longer."""
    return shares_figure(
        "recovered",
        "Networks that failed, and succeed in ten times the steps",
        "The bar is the 95 % interval. Only networks that failed in the usual number of steps are counted.",
        [(words, result.share(f"recovered_share.{name}")) for name, words in names.items()],
        "networks that failed",
    )


def losses_figure(stuck: npt.NDArray[np.floating], levels: Mapping[str, float]) -> Figure:
    """Return the losses of networks that still fail on XOR, with the ``levels`` at which they can sit."""
    finite = np.sort(stuck[np.isfinite(stuck)])

    def draw(palette: Palette) -> Canvas:
        figure = canvas(2.4)
        axes = figure.add_subplot()
        for words, value in levels.items():
            axes.axvline(value, color=palette.accent, linewidth=1)
            axes.text(value - 0.005, 0.97, words.partition(" ")[0], ha="right", va="top", color=palette.muted)
        heights = np.linspace(0.05, 0.75, max(finite.size, 1))[: finite.size]
        axes.plot(finite, heights, "o", color=palette.neurons[0], markersize=4, alpha=0.5, markeredgewidth=0)
        axes.set_ylim(0, 1)
        axes.set_yticks([])
        axes.set_xlim(0.2, 0.75)
        axes.set_xlabel("cross-entropy after ten times the steps")
        return figure

    rows = tuple(
        (words, f"{value:.3f}", str(int((np.abs(finite - value) < 0.01).sum()))) for words, value in levels.items()
    )
    return Figure(
        name="losses",
        title="Where networks that still fail on XOR sit",
        caption="One dot for each network, of all widths. The vertical lines are the least losses that are possible "
        "where two, three or four corners get one and the same answer.",
        table=Table(("level", "loss", f"networks within 0.01, of {finite.size}"), rows),
        draw=draw,
    )
