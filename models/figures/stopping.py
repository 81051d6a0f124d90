"""Stopping: single losses with their minima, where these lie, what a patience loses, and what rules are worth."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure as Canvas

from models.figures import Figure, Table
from models.figures.charts import legend
from models.figures.spreads import draw_strip, dress_strips
from models.figures.style import DASHES, MARKERS, Palette, canvas
from models.figures.sweeps import number, tenths
from models.statistics import median

Booleans = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.floating]
SINGLED = {10: "an early one", 50: "one in the middle", 90: "a late one"}  # by per cent of the networks
FRAME = (0.25, 0.75)  # nats
MOST = 32  # networks drawn, so that the figure stays small


def curves_figure(loss: Floats) -> Figure:
    """Return every network's held-back loss (epochs + 1, networks) over the epochs, and three with their minima."""
    known = np.where(np.isfinite(loss), loss, np.inf)
    best = known.argmin(axis=0)
    chosen = {words: int(best.argsort(kind="stable")[len(best) * at // 100]) for at, words in SINGLED.items()}

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.4)
        axes = figure.add_subplot()
        epochs, drawn = np.arange(len(loss)), known.clip(max=2 * FRAME[1])
        axes.plot(epochs, drawn[:, :MOST], color=palette.grid, linewidth=0.6)
        for index, (words, network) in enumerate(chosen.items()):
            colour, at = palette.neurons[index], best[network]
            label = f"{words}: epoch {at}"
            axes.plot(epochs, drawn[:, network], color=colour, linestyle=DASHES[index], linewidth=1.6, label=label)
            axes.plot(at, drawn[at, network], MARKERS[index], color=colour, markersize=7)
        axes.set_ylim(*FRAME)
        axes.set_xlim(0, max(len(loss) - 1, 1))
        axes.grid(axis="y")
        axes.set_axisbelow(True)
        axes.set_xlabel("epoch")
        axes.set_ylabel("validation loss (nats)")
        legend(figure, columns=2)
        return figure

    return Figure(
        name="curves",
        title="The validation loss of each network, epoch by epoch",
        caption=f"Each line is a network with points and starting weights of its own (at most {MOST}). Three are "
        "drawn stronger: those whose least loss, marked, comes early, in the middle and late among all.",
        table=Table(
            ("network", "best epoch", "validation loss there", "after the last epoch"),
            tuple(
                (
                    f"{words}, network {network}",
                    f"{best[network]}",
                    *(number(loss[at, network]) for at in (best[network], -1)),
                )
                for words, network in chosen.items()
            ),
        ),
        draw=draw,
    )


def epochs_figure(rows: Mapping[str, Floats]) -> Figure:
    """Return the best epoch (networks,) of each network, a strip of dots for each set-up."""
    return Figure(
        name="epochs",
        title="The epoch after which each network's validation loss is least",
        caption="Each dot is a network; the vertical line is the median. No number of epochs suits all, also where all "
        "learn the same points.",
        table=_spread_table("networks", "best epoch", rows, ".3g"),
        draw=lambda palette: _strips(palette, rows, "best epoch", ".3g"),
    )


def patience_figure(found: Mapping[int, tuple[Floats, Floats, Booleans]]) -> Figure:
    """Return what a patience loses, with the best and with the last weights (networks,), and who ends too soon."""
    labels = ("best weights brought back", "last weights kept")
    means = {n: [float(np.mean(each)) for each in pair] for n, (*pair, _) in found.items()}

    def draw(palette: Palette) -> Canvas:
        figure = canvas(2.8)
        axes = figure.add_subplot()
        for index, label in enumerate(labels):
            values = [pair[index] for pair in means.values()]
            axes.plot(
                list(means),
                values,
                color=palette.neurons[index],
                linestyle=DASHES[index],
                marker=MARKERS[index],
                ms=5.5,
                label=label,
                clip_on=False,
            )
        axes.set_xscale("log")
        axes.set_xticks(list(means), [f"{n}" for n in means])
        axes.minorticks_off()
        axes.set_ylim(bottom=0)
        axes.grid(axis="y")
        axes.set_axisbelow(True)
        axes.set_xlabel("patience (epochs)")
        axes.set_ylabel("loss above the least (nats)")
        legend(figure, columns=1)
        return figure

    return Figure(
        name="patience",
        title="How far above its least value a patience leaves the validation loss",
        caption="Means of all networks. The upper line rises: the longer one waits, the further training goes beyond "
        "the best epoch. Whoever brings back the best weights may wait.",
        table=Table(
            ("patience", *labels, "stopped before the best epoch"),
            tuple(
                (f"{n}", *(number(each) for each in means[n]), f"{np.count_nonzero(soon)} of {soon.size}")
                for n, (*_, soon) in found.items()
            ),
        ),
        draw=draw,
    )


def new_points_figure(rows: Mapping[str, Floats]) -> Figure:
    """Return the loss on new points (networks,) after the epoch that each rule chooses, a strip for each rule."""
    return Figure(
        name="new",
        title="What each way to stop is worth on new points",
        caption="Each dot is a network, judged on 200 points that it did not learn and that chose no epoch; the "
        "vertical line is the median. Dots beyond the frame stand at its edge.",
        table=_spread_table("stopped by", "loss", rows, ".3f"),
        draw=lambda palette: _strips(palette, rows, "loss on new points (nats)", ".3f", FRAME),
    )


def _strips(
    palette: Palette, rows: Mapping[str, Floats], axis: str, form: str, frame: tuple[float, float] | None = None
) -> Canvas:
    figure = canvas(0.6 + 0.6 * len(rows))
    axes = figure.add_subplot()
    left, right = frame or (0, max(float(np.nanmax(each, initial=1)) for each in rows.values()))
    for at, (words, values) in enumerate(rows.items()):
        shown = np.nan_to_num(values, nan=right, posinf=right)  # what diverged is worst
        told = number(median(values), form)
        draw_strip(axes, palette, at, words, shown, (left, right), told=told, median=True)
    dress_strips(axes, len(rows), (left, right))
    axes.set_xlabel(axis)
    return figure


def _spread_table(first: str, what: str, rows: Mapping[str, Floats], form: str) -> Table:
    return Table(
        (first, f"{what} (median)", "a tenth below", "a tenth above"),
        tuple((words, number(median(each), form), *tenths(each, form)) for words, each in rows.items()),
    )
