"""Loss and accuracy: both over the steps, how often they disagree, and which points carry the loss."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FuncFormatter, PercentFormatter

from models.curves import Curves
from models.experiment import Result
from models.figures import Figure, Table
from models.figures.charts import legend
from models.figures.charts import shares_figure as charted
from models.figures.style import DASHES, MARKERS, Palette, canvas
from models.figures.sweeps import number
from models.statistics import median

Floats = npt.NDArray[np.floating]
CEILING = 1.2  # nats; what lies above is outside of the frame
PARTS = {"the worst 1 %": 0.01, "the worst 5 %": 0.05, "the worst 20 %": 0.2}


def curve_figure(found: Mapping[str, Curves]) -> Figure:
    """Return loss and accuracy on held-back points over the steps, one above the other, a line for each data."""

    def draw(palette: Palette) -> Canvas:
        figure = canvas(5.0)
        above, below = figure.subplots(2, 1, sharex=True)
        for index, (words, each) in enumerate(found.items()):
            look = {"color": palette.neurons[index], "linestyle": DASHES[index], "linewidth": 2, "label": words}
            for axes, values, worst in (
                (above, each.held_back_loss, 2 * CEILING),
                (below, each.held_back_accuracy, 0.0),
            ):
                axes.plot(each.steps, np.median(np.where(np.isfinite(values), values, worst), axis=1), **look)
        above.set_ylim(0, CEILING)
        above.set_ylabel("loss (nats)")
        below.set_ylim(0.5, 1)
        below.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
        below.set_ylabel("points right")
        below.set_xlabel("training step")
        for axes in (above, below):
            axes.grid(axis="y")
            axes.set_axisbelow(True)
            axes.set_xlim(0, int(next(iter(found.values())).steps[-1]))
        legend(figure, above)
        return figure

    return Figure(
        name="curves",
        title="Loss and accuracy on held-back points over the steps",
        caption="Medians of all networks. All three losses turn and rise. The accuracy goes on rising along the wavy "
        "border, where there was more to learn, and falls on the clouds, where only chance was left.",
        table=Table(
            ("data", "least loss", "at step", "loss at the end", "accuracy at that step", "accuracy at the end"),
            tuple((words, *_spots(each)) for words, each in found.items()),
        ),
        draw=draw,
    )


def shares_figure(result: Result, data: Mapping[str, str]) -> Figure:
    """Return how often the accuracy ends above, and below, that where the loss was least, while the loss rises."""
    kinds = {"both_rise_share": "higher", "accuracy_fell_share": "lower"}
    return charted(
        "shares",
        "Networks whose loss rose, by what became of their accuracy",
        "Shares of all networks with 95 % intervals. Counted are those whose held-back loss ends at 1.2 times its "
        "least value or more, and their accuracy 1 % or more above, or below, that where the loss was least.",
        [
            (f"{words}: {each}", result.share(f"{kind}.{name}"))
            for name, words in data.items()
            for kind, each in kinds.items()
        ],
        "data",
    )


def points_figure(losses: Floats, steps: npt.NDArray[np.intp]) -> Figure:
    """Return which part of the loss (rows, steps * networks) the worst points carry, over the recorded steps."""
    ordered = np.sort(losses.reshape(len(losses), len(steps), -1), axis=0)[::-1]  # (rows, steps, networks)
    with np.errstate(invalid="ignore", over="ignore"):
        total = ordered.sum(axis=0)
        parts = {
            words: ordered[: max(round(part * len(ordered)), 1)].sum(axis=0) / total for words, part in PARTS.items()
        }
    lines = {words: np.array([median(row) for row in values], float) for words, values in parts.items()}

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.0)
        axes = figure.add_subplot()
        for index, (words, values) in enumerate(lines.items()):
            axes.plot(
                steps,
                values,
                color=palette.neurons[index],
                linestyle=DASHES[index],
                marker=MARKERS[index],
                markevery=6,
                ms=5,
                label=words,
            )
        axes.set_xscale("symlog", linthresh=1, linscale=0.4)
        axes.set_xticks([0, 1, 10, 100, int(steps[-1])] if steps[-1] > 100 else [0, 1, int(steps[-1])])
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        axes.minorticks_off()
        axes.set_ylim(0, 1.02)
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
        axes.set_ylabel("part of the loss")
        axes.set_xlabel("training step")
        axes.grid(axis="y")
        axes.set_axisbelow(True)
        legend(figure, columns=3)
        return figure

    return Figure(
        name="points",
        title="Which part of the loss on new points the worst points carry",
        caption="Medians of the networks recorded, on 400 points that none of them learned. At the start all points "
        "cost about the same. At the end a few cost nearly everything.",
        table=Table(
            ("points", "at the start", "half-way through the records", "at the end"),
            tuple(
                (words, *(number(values[at], ".0%") for at in (0, len(steps) // 2, -1)))
                for words, values in lines.items()
            ),
        ),
        draw=draw,
    )


def _spots(each: Curves) -> tuple[str, ...]:
    """Return medians at the least held-back loss and at the end."""
    return (
        number(median(each.at_least(each.held_back_loss))),
        number(median(each.steps[each.least])),
        number(median(each.held_back_loss[-1])),
        number(median(each.at_least(each.held_back_accuracy)), ".1%"),
        number(median(each.held_back_accuracy[-1]), ".1%"),
    )
