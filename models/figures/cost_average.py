"""Averages: every example's pull and the batches' means, the loss against epochs and against steps, and sums."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import MaxNLocator

from models.experiment import Result
from models.figures import Figure, Table
from models.figures.charts import legend, shares_figure
from models.figures.style import MARKERS, Palette, canvas
from models.figures.sweeps import number
from models.readings import Floats
from models.statistics import median


def _sized(name: str) -> str:
    """Say a batch size in words."""
    return {"1": "1 example", "all": "all examples"}.get(name, f"{name} examples")


def pulls_figure(clouds: Mapping[str, Floats]) -> Figure:
    """Return the gradients of batches as points around that of all examples.

    ``clouds`` holds, for each batch size, the gradients (batches, 2) by neuron 1's two incoming weights in network 0.
    """
    pushes = {name: -cloud for name, cloud in clouds.items()}
    centre = pushes["all"][0]
    shown = [name for name in pushes if name != "all"]

    def draw(palette: Palette) -> Canvas:
        figure = canvas(2.8)
        panels = figure.subplots(1, len(shown), sharex=True, sharey=True)
        for axes, name in zip(panels, shown, strict=True):
            axes.axhline(0, color=palette.grid, linewidth=0.8, zorder=0)
            axes.axvline(0, color=palette.grid, linewidth=0.8, zorder=0)
            axes.plot(
                *pushes[name].T,
                "o",
                color=palette.neurons[0],
                markersize=4,
                alpha=0.5,
                markeredgewidth=0,
                label="a batch",
            )
            axes.plot(
                *centre,
                "P",
                color=palette.neurons[1],
                markeredgecolor=palette.paper,
                markeredgewidth=0.8,
                markersize=10,
                label="all examples",
                zorder=1,
            )
            axes.set_title(_sized(name))
            axes.set_xticks([])
            axes.set_yticks([])
        panels[0].set_ylabel("pull on the weight of x₂", fontsize=9)
        panels[len(shown) // 2].set_xlabel("pull on the weight of x₁", fontsize=9)
        legend(figure, columns=2, handletextpad=0.2)
        return figure

    strays = {name: float(np.sqrt(((cloud - centre) ** 2).sum(axis=1).mean())) for name, cloud in pushes.items()}
    return Figure(
        name="pulls",
        title="Every example pulls its own way; the mean is their common direction",
        caption="The pull (minus the gradient) on neuron 1's two weights in network 0, before training. Each dot is "
        "the mean pull of one batch of a single pass over the data. The larger the batch, the closer its mean stays to "
        "the mean of all examples.",
        table=Table(
            ("examples in a batch", "batches", "typical distance from the mean of all"),
            tuple((_sized(name), str(len(cloud)), f"{strays[name]:.3g}") for name, cloud in pushes.items()),
        ),
        draw=draw,
    )


def clocks_figure(result: Result, batches: Mapping[str, int]) -> Figure:
    """Return the median loss by batch size, once against epochs and once against steps.

    ``batches`` holds, for each batch size, how many batches make an epoch.
    """
    curves: dict[tuple[str, str], tuple[Floats, Floats]] = {}
    for clock in ("epochs", "steps"):
        for name, count in batches.items():
            history = result.cohorts[f"same_{clock}.{name}"].history
            middle = [median(losses) for losses in history.loss]
            time = history.steps / (count if clock == "epochs" else 1)
            curves[clock, name] = time, np.array([np.nan if loss is None else loss for loss in middle])

    def draw(palette: Palette) -> Canvas:
        figure = canvas(4.6)
        panels = figure.subplots(2, 1)
        for axes, clock in zip(panels, ("epochs", "steps"), strict=True):
            for index, name in enumerate(batches):
                time, loss = curves[clock, name]
                axes.plot(
                    *(time, loss),
                    color=palette.classes[index],
                    marker=MARKERS[index],
                    markevery=(index, 4),
                    markersize=5,
                    linewidth=1.8,
                    label=name,
                )
            axes.set_xlabel("epochs: passes over the data" if clock == "epochs" else "steps: changes of the weights")
            axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
            axes.set_ylabel("loss, median")
            axes.set_xlim(left=0)
            axes.set_ylim(bottom=0)
            axes.grid(axis="y")
        legend(figure, columns=4, title="examples in a batch", alignment="left")
        return figure

    table = [
        (_sized(name), f"{curves[clock, name][0][-1]:g} {clock}", number(float(curves[clock, name][1][-1])))
        for clock in ("epochs", "steps")
        for name in batches
    ]
    return Figure(
        name="clocks",
        title="The same training by two clocks",
        caption="Above: counted in epochs, small batches win by far, because they change the weights more often in "
        "each pass. Below: counted in steps, the curves nearly fall together; only the single example falls "
        "behind.",
        table=Table(("examples in a batch", "trained for", "median loss at the end"), tuple(table)),
        draw=draw,
    )


def sum_figure(result: Result, sums: Mapping[str, str]) -> Figure:
    """Return the shares of networks that succeed on the mean and on the sum; ``sums`` names cohorts in words."""
    trainings = {"same_steps.all": "the mean, plain gradient descent", **sums}
    return shares_figure(
        "sum",
        "Networks that succeed: mean against sum, full batch",
        "Networks that get 99 % of the points right, with 95 % intervals. For plain gradient descent the sum of a "
        "hundred losses is the mean with a hundred times the rate: too much at the same rate, the same training at a "
        "hundredth of it. Adam hardly notices.",
        [(words, result.share(f"success.{name}")) for name, words in trainings.items()],
        "trained on",
    )
