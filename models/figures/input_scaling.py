"""Normalised and raw inputs: where the first lines lie, who succeeds, and the loss over the steps."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure as Canvas

from models.datasets import Dataset
from models.experiment import Result
from models.figures import Figure, Table
from models.figures.boundaries import Window, draw_points
from models.figures.charts import legend, log_steps, share_table, shares_figure
from models.figures.style import DASHES, MARKERS, Palette, canvas
from models.figures.sweeps import counted, number
from models.statistics import median

Floats = npt.NDArray[np.floating]
LINES = 20  # networks whose first lines are drawn


def first_lines_figure(result: Result, versions: Mapping[str, tuple[Dataset, Floats]]) -> Figure:
    """Return the roasts and the lines with which networks begin, in normalised and in raw features.

    ``versions`` holds the data and the incoming weights (inputs, units, networks) before training; biases are zero.
    """
    shares = {name: result.share(f"crossing_share.{name}") for name in versions}

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.0)
        for axes, (name, (data, kernel)) in zip(figure.subplots(1, 2), versions.items(), strict=True):
            low, high = np.minimum(data.x.min(axis=0), 0), np.maximum(data.x.max(axis=0), 0)
            space = (high - low) * 0.06
            left, bottom, right, top = map(float, (*(low - space), *(high + space)))
            window = Window(left, right, bottom, top)
            weights = kernel[:, :, :LINES].reshape(2, -1).astype(np.float64)
            found = [
                ends
                for _, ends in window.segments(weights / np.linalg.norm(weights, axis=0), np.zeros(weights.shape[1]))
            ]
            axes.add_collection(LineCollection(found, colors=palette.neurons[0], linewidths=0.8, alpha=0.55))
            draw_points(axes, palette, data, palette.roasts, 7)
            axes.plot([0], [0], "+", color=palette.accent, markersize=11, markeredgewidth=2, label="0, 0")
            axes.set_title(name)
            window.limit(axes)
            axes.locator_params(nbins=4)
            axes.set_xlabel(data.feature_names[0])
        figure.axes[0].set_ylabel("duration")
        legend(figure, figure.axes[0], columns=3, handletextpad=0.2)
        return figure

    rows = list(shares.items())
    return Figure(
        name="first-lines",
        title="Where the lines lie before training",
        caption=f"The first lines of the hidden neurons in up to {LINES} networks. Biases start at zero, so every line "
        "goes through the point (0, 0). With normalised features that is the middle of the roasts. With raw ones it is "
        "far off, and nearly every line passes them by: all roasts lie on one side.",
        alternative=f"Networks whose first lines all have roasts on both sides. {counted(rows)}.",
        table=share_table(rows, "features"),
        draw=draw,
    )


def success_figure(result: Result, inputs: Mapping[str, str], rates: Sequence[float]) -> Figure:
    """Return the shares of networks that succeed by version of the features, and at other rates on raw ones."""
    rows = [
        *((words, result.share(f"success.{name}")) for name, words in inputs.items()),
        *((f"raw, rate {rate:g}", result.share(f"success.raw.{rate:g}")) for rate in rates),
    ]
    return shares_figure(
        "success",
        "The same roasts and starts; only the features' scale differs",
        "Networks that get 97 % of the roasts right, with 95 % intervals. Another rate does not rescue the raw "
        "features.",
        rows,
        "features",
    )


def curves_figure(result: Result, inputs: Mapping[str, str]) -> Figure:
    """Return the median loss over the steps for each version of the features."""
    curves = {}
    for name in inputs:
        history = result.cohorts[name].history
        middle = [median(losses) for losses in history.loss]
        curves[name] = history.steps, np.array([np.nan if loss is None else loss for loss in middle])

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.2)
        axes = figure.add_subplot()
        axes.grid(axis="y")
        for index, (name, (steps, loss)) in enumerate(curves.items()):
            axes.plot(
                *(steps, loss),
                color=palette.classes[index],
                linestyle=DASHES[index % 3],
                marker=MARKERS[index],
                markevery=(index, 5),
                markersize=5,
                linewidth=2,
                label=name,
            )
        log_steps(axes, curves["raw"][0])
        axes.set_ylim(bottom=0)
        axes.set_xlabel("training step")
        axes.set_ylabel("loss, median")
        legend(figure, columns=2)
        return figure

    rows = tuple(
        (name, *(number(float(loss[at])) for at in (0, len(loss) // 2, -1))) for name, (_, loss) in curves.items()
    )
    return Figure(
        name="curves",
        title="The loss over the steps",
        caption="Median of the first 64 networks. On raw features the loss soon stops at what one gets by giving every "
        "roast the same answer.",
        alternative="Median loss at the end. " + "; ".join(f"{name}: {last}" for name, _, _, last in rows) + ".",
        table=Table(("features", "loss at the start", "half-way along the axis", "at the end"), rows),
        draw=draw,
    )
