"""Three optimisers: success against the rate, the loss at the best rates, and the way down one long valley."""

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure as Canvas

from models.experiment import Result
from models.figures import Figure, Table
from models.figures.charts import legend, log_steps
from models.figures.style import DASHES, MARKERS, Palette, canvas
from models.figures.sweeps import counts_words, draw_share_curve, number, powers_of_ten, share_axis
from models.plans import Cohort

Floats = npt.NDArray[np.float64]
Rates = Mapping[tuple[str, str], Sequence[float]]
STEEP = 25.0  # times the curvature along the valley is that across
BEGIN = (-10.0, 1.0)
TAKEN = 25  # steps drawn
NEAR = 0.1  # to the lowest point, where the way is over
# Of plain descent and momentum: the rates, and the coefficient, that are best in this valley (Polyak 1964).
PLAIN_RATE = 2 / (1 + STEEP)
HEAVY_RATE = (2 / (1 + np.sqrt(STEEP))) ** 2
HEAVY_MEMORY = ((np.sqrt(STEEP) - 1) / (np.sqrt(STEEP) + 1)) ** 2


def success_figure(result: Result, rates: Rates, optimizers: Mapping[str, str], data: Mapping[str, str]) -> Figure:
    """Return the shares of networks that succeed against the rate, a panel for each data set."""
    found = {
        (name, each): [result.share(f"success.{name}.{each}.{rate:g}") for rate in rates[name, each]]
        for each, name in product(data, optimizers)
    }

    def draw(palette: Palette) -> Canvas:
        figure = canvas(4.2)
        for axes, (each, title) in zip(figure.subplots(2, 1, sharex=True), data.items(), strict=True):
            for index, (name, words) in enumerate(optimizers.items()):
                draw_share_curve(axes, palette, index, rates[name, each], found[name, each], words)
            axes.set_title(title)
            share_axis(axes)
        powers_of_ten(axes, sorted({rate for tried in rates.values() for rate in tried}))
        axes.set_xlabel("learning rate")
        legend(figure, columns=2)
        return figure

    words = (
        f"{optimizers[name].capitalize()} on {data[each]}, by rate: "
        + counts_words([f"{rate:g}" for rate in rates[name, each]], {"succeed": shares})
        for (name, each), shares in found.items()
    )
    rows = tuple(
        (optimizers[name], data[each], f"{rate:g}", share.words)
        for (name, each), shares in found.items()
        for rate, share in zip(rates[name, each], shares, strict=True)
    )
    return Figure(
        name="success",
        title="Networks that succeed, by optimiser and learning rate",
        caption="Shares of all networks with 95 % intervals, from the same starts. Each optimiser has its own range of "
        "good rates. On the coffee data the ranges of plain descent and of momentum lie elsewhere; Adam's moves less.",
        alternative=" ".join(words),
        table=Table(("optimiser", "data", "rate", "networks that succeed"), rows),
        draw=draw,
    )


def curves_figure(
    chosen: Mapping[tuple[str, str], Cohort], optimizers: Mapping[str, str], data: Mapping[str, str]
) -> Figure:
    """Return the median loss over the steps of each optimiser at its best rate, a panel for each data set."""
    lines = {key: np.median(np.nan_to_num(cohort.history.loss, nan=np.inf), axis=1) for key, cohort in chosen.items()}

    def draw(palette: Palette) -> Canvas:
        figure = canvas(4.4)
        for axes, (each, title) in zip(figure.subplots(2, 1), data.items(), strict=True):
            for index, name in enumerate(optimizers):
                axes.plot(
                    chosen[name, each].history.steps,
                    lines[name, each].clip(max=10),
                    color=palette.neurons[index],
                    linestyle=DASHES[index],
                    linewidth=2,
                    label=optimizers[name],
                )
            log_steps(axes, chosen["adam", each].history.steps)
            axes.set_ylim(0, 1.6 if each == "blobs" else 0.8)
            axes.set_title(title)
            axes.set_ylabel("loss (nats)")
            axes.grid(axis="y")
            axes.set_axisbelow(True)
        axes.set_xlabel("training step")
        legend(figure, columns=2)
        return figure

    rows = tuple(
        (
            optimizers[name],
            data[each],
            f"{chosen[name, each].plan.optimizer.rate:g}",
            *(number(float(line[at])) for at in (0, len(line) // 2, -1)),
        )
        for (name, each), line in lines.items()
    )
    return Figure(
        name="curves",
        title="The loss over the steps, each optimiser at its own best rate",
        caption="Medians of the networks recorded. The best rate was looked for among those of the other figure, for "
        "each optimiser and each data set.",
        table=Table(("optimiser", "data", "best rate", "loss at the start", "half-way", "at the end"), rows),
        draw=draw,
    )


def paths() -> dict[str, Floats]:
    """Return the places (steps + 1, 2) where three optimisers come in a valley 25 times as steep across as along."""
    curvature = np.array([1.0, STEEP])
    found = {}
    for name, rate, memory in (("plain", PLAIN_RATE, 0.0), ("momentum", HEAVY_RATE, HEAVY_MEMORY), ("adam", 1.0, 0.9)):
        place, step, squares = np.array(BEGIN), np.zeros(2), np.zeros(2)
        way = [place]
        for time in range(1, TAKEN + 1):
            slope = curvature * place
            if name == "adam":
                step = memory * step + (1 - memory) * slope
                squares = 0.999 * squares + 0.001 * slope**2
                place = place - rate * step / (1 - memory**time) / np.sqrt(squares / (1 - 0.999**time))
            else:
                step = memory * step - rate * slope
                place = place + step
            way.append(place)
        found[name] = np.array(way)
    return found


def valley_figure() -> Figure:
    """Return the ways of plain descent, momentum and Adam down one long valley, each at a good rate; computed."""
    ways = paths()
    titles = {
        "plain": f"plain gradient descent, rate {PLAIN_RATE:.3f}",
        "momentum": f"momentum {HEAVY_MEMORY:.2f}, rate {HEAVY_RATE:.3f}",
        "adam": "Adam, rate 1",
    }

    def draw(palette: Palette) -> Canvas:
        figure = canvas(4.6)
        x, y = np.meshgrid(np.linspace(-11.5, 7, 120), np.linspace(-3.2, 3.2, 60))
        height = (x**2 + STEEP * y**2) / 2
        for index, (axes, (name, way)) in enumerate(zip(figure.subplots(3, 1, sharex=True), ways.items(), strict=True)):
            axes.contour(x, y, height, levels=[1, 5, 12, 25, 50, 100], colors=palette.grid, linewidths=1)
            axes.plot(*way.T, color=palette.neurons[index], marker=MARKERS[index], markersize=3, linewidth=1.2)
            axes.plot(0, 0, "+", color=palette.accent, markersize=9, markeredgewidth=1.6)
            axes.set_title(titles[name], fontsize=9.5)
            axes.set_xlim(-11.5, 7)
            axes.set_ylim(-3.2, 3.2)
            axes.set_xticks([])
            axes.set_yticks([])
        return figure

    def arrives(way: Floats) -> str:
        far = np.flatnonzero(np.linalg.norm(way, axis=1) > NEAR)
        return str(far[-1] + 1) if far[-1] < TAKEN else f"more than {TAKEN}"

    rows = tuple(
        (titles[name], arrives(way), number(float(np.linalg.norm(way[-1])), ".2g")) for name, way in ways.items()
    )
    return Figure(
        name="valley",
        title="Three ways down one long valley",
        caption=f"Computed, not trained: a bowl that is {STEEP:g} times as steep across as along, and {TAKEN} steps "
        "from the left. For the first two, rate and coefficient are the best that there are here. Plain descent jumps "
        "from side to side, since a rate that is right along the valley is nearly too large across it.",
        table=Table(("optimiser", f"steps until within {NEAR:g} of the bottom", f"distance after {TAKEN} steps"), rows),
        draw=draw,
    )
