"""The same answer for every input: how often, by cause; which numbers are given; and how it ends over the steps."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure as Canvas

from models.experiment import Result
from models.figures import Figure, Table
from models.figures.charts import legend, log_steps, shares_figure
from models.figures.style import DASHES, Palette, canvas
from models.figures.sweeps import number, share_axis
from models.readings import Booleans, Floats

NAMES = {
    "none": "roasts: nothing wrong",
    "few_steps": "roasts: 30 steps",
    "unscaled": "roasts: not normalised",
    "dead": "one blob of four: all neurons begin silent",
    "healthy": "one blob of four: nothing wrong",
    "imbalance": "clouds: 5 % of one class",
    "weights": "clouds: 5 %, with class weights",
}


def causes_figure(result: Result, causes: Mapping[str, str]) -> Figure:
    """Return how many networks answer the same class for every input, by cause."""
    return shares_figure(
        "causes",
        "Networks that answer the same class for 99 % of the inputs",
        "Shares of all networks with 95 % intervals. In each row one thing is wrong, or none.",
        [(NAMES[name], result.share(f"constant_share.{name}")) for name in causes],
        "what is wrong",
    )


def probability_figure(found: Mapping[str, Floats], frequencies: Mapping[str, float]) -> Figure:
    """Return the probabilities (inputs, networks) that networks give class 1, by cause, beside how frequent it is."""
    spans = {name: _span(values) for name, values in found.items()}

    def draw(palette: Palette) -> Canvas:
        figure = canvas(0.7 + 0.52 * len(spans))
        axes = figure.add_subplot()
        for at, (name, (low, middle, high)) in enumerate(spans.items()):
            axes.plot([0, 1], [at, at], color=palette.grid, linewidth=1, zorder=0)
            axes.plot([low, high], [at, at], color=palette.neurons[0], linewidth=5, alpha=0.35, zorder=1)
            axes.plot([middle], [at], "o", color=palette.neurons[0], markersize=5.5, zorder=2)
            axes.vlines(frequencies[name], at - 0.16, at + 0.16, color=palette.accent, linewidth=1.8, zorder=3)
            axes.text(0, at - 0.24, NAMES[name], va="bottom")
        axes.axvline(0.5, color=palette.muted, linewidth=0.8, linestyle=DASHES[2], zorder=0)
        axes.set_ylim(len(spans) - 0.6, -0.75)
        axes.set_xlim(-0.02, 1.02)
        axes.set_yticks([])
        axes.set_xlabel("probability of class 1")
        return figure

    return Figure(
        name="probability",
        title="Which probabilities a network gives to different inputs",
        caption="The bar reaches from the lowest to the highest probability that a network gives, without the "
        "outermost 2 % of the inputs (medians of the networks); the dot is its mean. The vertical mark is how frequent "
        "the class is in the data. A bar that has shrunk to the mark: nothing of the input gets through. A wide bar on "
        "one side of 0.5 (dotted): the class is always the same, the numbers are not. On the clouds they are judged on "
        "as many points of each class.",
        table=Table(
            ("what is wrong", "low", "mean", "high", "frequency of the class"),
            tuple(
                (NAMES[name], *(number(value, ".2f") for value in span), f"{frequencies[name]:.3g}")
                for name, span in spans.items()
            ),
        ),
        draw=draw,
    )


def steps_figure(steps: npt.NDArray[np.intp], constant: Booleans, flat: Booleans) -> Figure:
    """Return how many networks with nothing wrong have one answer (steps, networks), one number, at each step."""
    lines = {"one class for all roasts": constant.mean(axis=1), "one number for all": flat.mean(axis=1)}

    def draw(palette: Palette) -> Canvas:
        figure = canvas(2.7)
        axes = figure.add_subplot()
        for index, (label, values) in enumerate(lines.items()):
            axes.plot(steps, values, color=palette.neurons[index], linestyle=DASHES[index], linewidth=2, label=label)
        share_axis(axes)
        log_steps(axes, steps)
        axes.set_xlabel("training step")
        axes.set_ylabel("networks")
        legend(figure, columns=2)
        return figure

    shown = [int(np.abs(steps - wanted).argmin()) for wanted in (0, 10, 30, 100, int(steps[-1]))]
    return Figure(
        name="steps",
        title="Networks with nothing wrong: how many have one answer for every roast, over the steps",
        caption='Normalised roasts. Most networks first learn how frequent good roasts are, and answer "bad" to all of '
        "them; what tells roasts apart comes later.",
        table=Table(
            ("step", *lines),
            tuple((f"{steps[at]:,}", *(f"{values[at]:.0%}" for values in lines.values())) for at in shown),
        ),
        draw=draw,
    )


def _span(values: Floats) -> tuple[float, float, float]:
    """Return low, mean and high probability of a network's inputs (inputs, networks), medians of the finite ones."""
    known = values[:, np.isfinite(values).all(axis=0)]
    if not known.size:
        return (np.nan, np.nan, np.nan)
    low, high = np.quantile(known, (0.01, 0.99), axis=0)
    return float(np.median(low)), float(np.median(known.mean(axis=0))), float(np.median(high))
