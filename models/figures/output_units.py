"""Output units: successes, how far two softmax units get from one sigmoid, and what four probabilities add up to."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import PercentFormatter

from models.experiment import Result
from models.figures import Figure, Table
from models.figures.charts import legend, log_steps, shares_figure
from models.figures.style import DASHES, Palette, canvas
from models.figures.sweeps import number
from models.readings import Floats
from models.statistics import median

NAMES = {
    "one_sigmoid": "roasts: one sigmoid unit",
    "two_softmax": "roasts: two softmax units, starts of their own",
    "two_same": "roasts: two softmax units, begun as the one",
    "two_held": "roasts: the same, one of the two logits held at 0",
    "softmax": "blobs: four softmax units",
    "sigmoids": "blobs: four sigmoid units",
    "spare": "blobs, two classes: four softmax units",
}
PAIRS = {"two_same": "both units learn", "two_held": "one logit is held at 0"}
FOUR = {"softmax": "four softmax units", "sigmoids": "four sigmoid units"}
FLOOR = 1e-8  # below which nothing is drawn
BINS = np.linspace(0, 2, 41)


def success_figure(result: Result, outputs: Mapping[str, str]) -> Figure:
    """Return how many networks reach their bar, for each kind of output."""
    return shares_figure(
        "success",
        "Networks that reach their bar, by their outputs",
        "Shares of all networks with 95 % intervals. The bar is 97 % of the roasts or 99 % of the points; of several "
        "outputs the largest counts as the answer. Compare roasts with roasts and blobs with blobs.",
        [(NAMES[name], result.share(f"success.{name}")) for name in outputs],
        "outputs",
    )


def difference_figure(steps: npt.NDArray[np.intp], apart: Mapping[str, Floats]) -> Figure:
    """Return how far two units are from the one sigmoid over the steps; ``apart`` holds (steps * networks,) values."""
    lines = {name: _medians(values.reshape(len(steps), -1)) for name, values in apart.items()}

    def draw(palette: Palette) -> Canvas:
        figure = canvas(2.9)
        axes = figure.add_subplot()
        for index, (name, values) in enumerate(lines.items()):
            drawn = values.clip(min=FLOOR)
            axes.plot(steps, drawn, color=palette.neurons[index], linestyle=DASHES[index], lw=2, label=PAIRS[name])
        axes.set_yscale("log")
        axes.set_yticks([1, 1e-2, 1e-4, 1e-6, 1e-8], ["1", "0.01", "0.0001", "0.000001", "0"])
        axes.set_ylim(FLOOR / 2, 2)
        axes.minorticks_off()
        log_steps(axes, steps)
        axes.set_xlabel("training step")
        axes.set_ylabel("largest difference")
        axes.grid(axis="y")
        axes.set_axisbelow(True)
        legend(figure, columns=2)
        return figure

    return Figure(
        name="difference",
        title="How far two softmax units get from the one sigmoid unit",
        caption="The largest difference of a roast's probability between two networks that begin as the same function, "
        "median over the networks. The vertical axis goes by factors of a hundred, and what is below 0.00000001 is "
        "drawn as 0. With one logit held at 0, only rounding tells the networks apart.",
        table=Table(
            ("two softmax units", "at the start", "half-way through the recorded steps", "at the end"),
            tuple(
                (PAIRS[name], *(_written(values[at]) for at in (0, len(values) // 2, -1)))
                for name, values in lines.items()
            ),
        ),
        draw=draw,
    )


def sums_figure(sums: Mapping[str, Floats]) -> Figure:
    """Return what the four probabilities of each point add up to, all networks together: sums (points, networks)."""
    pooled = {name: values[np.isfinite(values)] for name, values in sums.items()}

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.2)
        panels = figure.subplots(2, 1, sharex=True)
        for index, (axes, (name, values)) in enumerate(zip(panels, pooled.items(), strict=True)):
            weights = np.full(values.size, 1 / max(values.size, 1))
            axes.hist(values, BINS + 0.025, weights=weights, color=palette.neurons[index], alpha=0.85)
            axes.set_title(FOUR[name], fontsize=9.5)
            axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
            axes.set_ylabel("points")
        panels[1].set_xlim(0, 2)
        panels[1].set_xticks([0, 0.5, 1, 1.5, 2], ["0", "0.5", "1", "1.5", "2"])
        panels[1].set_xlabel("the four probabilities of a point together")
        return figure

    return Figure(
        name="sums",
        title="What the four probabilities of a point add up to",
        caption="All points of all networks at the end of training. A softmax shares out 1 among the classes, always. "
        "Sigmoids do not know of each other: a sum near 0 says that no class claims the point, one near 2 that two do.",
        table=Table(
            ("outputs", "median sum", "points with a sum from 0.9 to 1.1"),
            tuple((FOUR[name], number(median(values)), _near_one(values)) for name, values in pooled.items()),
        ),
        draw=draw,
    )


def _written(value: float) -> str:
    return number(float(value), ".2g" if value > FLOOR else ".0f")


def _near_one(sums: Floats) -> str:
    return f"{(np.abs(sums - 1) <= 0.1).mean():.0%}" if sums.size else "none"


def _medians(values: Floats) -> Floats:
    """Return the median (steps,) over networks, of which those that are not finite count as 1 apart."""
    return np.asarray(np.median(np.where(np.isfinite(values), values, 1), axis=1))
