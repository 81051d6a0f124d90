"""Validation below training: both losses epoch by epoch, and how far they are apart by each cause."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FuncFormatter, MaxNLocator

from models.curve_readings import curves
from models.experiment import Result
from models.figures import Figure, Table
from models.figures.charts import legend
from models.figures.spreads import draw_band, draw_strip, dress_strips
from models.figures.style import Palette, canvas
from models.figures.sweeps import number, tenths
from models.findings import Share
from models.statistics import median

Floats = npt.NDArray[np.floating]
PANELS = {
    "plain": "plain",
    "dropout": "dropout while training",
    "penalty": "penalty in the training loss",
    "few": "20 validation points",
}
LINES = ("training, as shown", "training, measured after", "validation")
FRAME = (0.2, 0.7)  # nats
WIDEST = 0.3  # nats; dots farther out stand at the edge


def epoch_figure(result: Result, epoch: int) -> Figure:
    """Return three losses against the epochs of so many steps, a panel for each cohort."""
    found = {name: curves(result.cohorts[name]) for name in PANELS}
    lines = {name: (each.shown_loss, each.loss, each.held_back_loss) for name, each in found.items()}

    def draw(palette: Palette) -> Canvas:
        figure = canvas(4.6)
        panels = figure.subplots(2, 2, sharex=True, sharey=True)
        for axes, (name, words) in zip(panels.flat, PANELS.items(), strict=True):
            epochs = found[name].steps[1:] / epoch
            for index, (label, values) in enumerate(zip(LINES, lines[name], strict=True)):
                drawn = np.where(np.isfinite(values[1:]), values[1:], 2 * FRAME[1]).clip(max=2 * FRAME[1])
                draw_band(axes, palette, index, epochs, drawn, label, marked=True, filled=label == LINES[-1])
            axes.set_title(words, fontsize=9.5)
            axes.grid(axis="y")
            axes.set_axisbelow(True)
            axes.set_ylim(*FRAME)
            axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        for axes in panels[1]:
            axes.set_xlabel("after epoch")
        for axes in panels[:, 0]:
            axes.set_ylabel("loss (nats)")
        legend(figure, columns=2)
        return figure

    rows = tuple(
        (f"{words}, {label}", *(number(median(values[row])) for row in (min(1, len(values) - 1), -1)))
        for name, words in PANELS.items()
        for label, values in zip(LINES, lines[name], strict=True)
    )
    return Figure(
        name="epochs",
        title="Training loss as shown and as measured afterwards, and validation loss",
        caption="Medians of all networks; the band holds the middle 80 % of the validation losses. Where the first "
        "line lies above the second, the way of showing the loss makes the difference: the points are the same.",
        table=Table(("loss", "after the first epoch", "after the last"), rows),
        draw=draw,
    )


def gap_figure(rows: Sequence[tuple[str, Share, Floats]], margin: float) -> Figure:
    """Return how far the validation loss is from the training loss, a strip of dots for each cause.

    ``rows`` holds what is compared, in words, the share of networks below by ``margin`` or more, and the gap
    (networks,).
    """

    def draw(palette: Palette) -> Canvas:
        figure = canvas(0.6 + 0.62 * len(rows))
        axes = figure.add_subplot()
        for at, (words, below, gaps) in enumerate(rows):
            axes.fill_between((-margin, margin), at - 0.2, at + 0.2, color=palette.grid, linewidth=0)
            axes.vlines(0, at - 0.2, at + 0.2, color=palette.muted, linewidth=1)
            draw_strip(axes, palette, at, words, gaps, (-WIDEST, WIDEST), told=below.words)
        dress_strips(axes, len(rows), (-WIDEST, WIDEST))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:+.1f}" if value else "0"))
        axes.set_xlabel("validation loss less training loss (nats)")
        return figure

    return Figure(
        name="gaps",
        title="How far the validation loss is from the training loss, by what lifts or moves it",
        caption=f"Each dot is a network. Left of the grey boxes the validation loss is lower by {margin:g} or more; "
        "the counts say for how many. Dots beyond the frame stand at its edge.",
        table=Table(
            ("compared", "validation lower", "gap (median)", "a tenth below", "a tenth above"),
            tuple((words, below.words, number(median(gaps)), *tenths(gaps)) for words, below, gaps in rows),
        ),
        draw=draw,
    )
