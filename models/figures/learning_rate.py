"""What the learning rate does: one step of every length, success against rate, and the loss over the steps."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure as Canvas
from matplotlib.patheffects import withStroke

from models.backpropagation import backward_pass, losses
from models.datasets import Dataset
from models.experiment import Result
from models.figures import Figure, Table
from models.figures.charts import log_steps
from models.figures.style import DASHES, Palette, canvas
from models.figures.sweeps import counts_table, counts_words, draw_share_curve, number, powers_of_ten, share_axis

NAMES = {"sgd": "plain gradient descent", "adam": "Adam"}
CEILING = 5.0  # nats; what lies above is drawn at the edge


def one_step_figure(result: Result, data: Dataset, rates: Sequence[float]) -> Figure:
    """Return the loss after one step of plain gradient descent from network 0's start, for every length of the step."""
    trained = result.cohorts[f"sgd.{rates[0]:g}"]
    network, begin = trained.network, trained.start[:, :1]
    slope = backward_pass(network, begin, data).gradients.mean(axis=0)
    fine = np.geomspace(min(rates), max(rates), 241)
    before = float(losses(network, begin, data).mean())
    curve, marked = (losses(network, begin - step * slope, data).mean(axis=0) for step in (fine, np.array(rates)))
    best = float(fine[curve.argmin()])

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.3)
        axes = figure.add_subplot()
        axes.axhline(before, color=palette.muted, linewidth=1, linestyle=DASHES[2])
        axes.text(min(rates), before + 0.1, "before the step", color=palette.muted, va="bottom")
        axes.plot(fine, np.minimum(curve, CEILING + 1), color=palette.neurons[0])
        inside = marked <= CEILING
        shown = np.array(rates)
        axes.plot(shown[inside], marked[inside], "o", color=palette.neurons[1], markersize=7, label="the rates we try")
        for rate, loss in zip(shown[~inside], marked[~inside], strict=True):
            axes.plot([rate], [CEILING - 0.12], "^", color=palette.neurons[1], markersize=8)
            halo = [withStroke(linewidth=3.5, foreground=palette.paper)]
            told = f"{loss:,.0f}" if np.isfinite(loss) else "none"
            axes.text(rate * 1.5, CEILING - 0.42, told, va="center", ha="right", path_effects=halo)
        powers_of_ten(axes, rates)
        axes.set_ylim(0, CEILING)
        axes.grid(axis="y")
        axes.set_axisbelow(True)
        axes.set_xlabel("learning rate")
        axes.set_ylabel("loss after one step")
        figure.legend(loc="outside upper left")
        return figure

    rows = tuple((f"{rate:g}", number(float(loss), ".4g")) for rate, loss in zip(rates, marked, strict=True))
    return Figure(
        name="one-step",
        title="One step from the same place, at every rate",
        caption="The first step of plain gradient descent in network 0. The direction is the same for all rates; only "
        "the length differs. A tiny step changes next to nothing, a good one lands low in the valley, and a huge one "
        "lands beyond it, higher than before. A triangle stands for a loss above the frame.",
        alternative=f"Network 0 starts at a loss of {before:.3f}. Loss after one step of plain gradient descent, by "
        f"rate: {'; '.join(f'{rate}: {loss}' for rate, loss in rows)}. The lowest point of the curve lies near a rate "
        f"of {best:.2g}.",
        table=Table(("rate", "loss after one step"), rows),
        draw=draw,
    )


def success_figure(result: Result, rates: Sequence[float]) -> Figure:
    """Return the shares of networks that succeed and that diverge against the rate, for both optimisers."""
    panels = (("success", "get 99 % of the points right"), ("diverged_share", "end in numbers that are not finite"))
    found = {
        (family, optimizer): [result.share(f"{family}.{optimizer}.{rate:g}") for rate in rates]
        for family, _ in panels
        for optimizer in NAMES
    }

    def draw(palette: Palette) -> Canvas:
        figure = canvas(4.2)
        for axes, (family, title) in zip(figure.subplots(2, 1, sharex=True), panels, strict=True):
            for index, (optimizer, name) in enumerate(NAMES.items()):
                draw_share_curve(axes, palette, index, rates, found[family, optimizer], name)
            axes.set_title(title)
            share_axis(axes)
        powers_of_ten(axes, rates)
        axes.set_xlabel("learning rate")
        handles, labels = axes.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper left", ncols=2)
        return figure

    values = [f"{rate:g}" for rate in rates]
    columns = {f"{NAMES[optimizer]}, {dict(panels)[family]}": shares for (family, optimizer), shares in found.items()}
    return Figure(
        name="success",
        title="Too small, right, too large",
        caption="The same starts at every rate, with 95 % intervals. Each optimiser has its own good range, and only "
        "plain gradient descent runs off to infinity.",
        alternative=f"By learning rate. {counts_words(values, columns)}",
        table=counts_table("rate", values, columns),
        draw=draw,
    )


def curves_figure(result: Result, rates: Sequence[float]) -> Figure:
    """Return the loss of network 0 over the steps, one panel for each rate."""
    histories = {
        (optimizer, rate): result.cohorts[f"{optimizer}.{rate:g}"].history for optimizer in NAMES for rate in rates
    }

    def draw(palette: Palette) -> Canvas:
        rows = -(-len(rates) // 2)
        height = 0.85 + 1.25 * rows
        figure = canvas(height)
        figure.set_layout_engine("none")
        places = {"left": 0.09, "right": 0.99, "bottom": 0.5 / height, "top": 1 - 0.62 / height, "hspace": 0.55}
        panels = figure.subplots(rows, 2, sharex=True, sharey=True, gridspec_kw={**places, "wspace": 0.1})
        for axes, rate in zip(panels.flat, rates, strict=False):
            for index, optimizer in enumerate(NAMES):
                history = histories[optimizer, rate]
                loss = np.where(np.isfinite(history.loss[:, 0]), history.loss[:, 0], CEILING + 1)
                axes.plot(
                    *(history.steps, np.minimum(loss, CEILING + 1)),
                    color=palette.neurons[index],
                    linestyle=DASHES[index],
                    linewidth=2,
                    label=NAMES[optimizer],
                )
            axes.set_title(f"rate {rate:g}", fontsize=9.5)
            axes.set_ylim(0, 3)
            axes.set_yticks([0, 1, 2, 3])
            axes.grid(axis="y")
            log_steps(axes, history.steps)
        for axes in panels.flat[len(rates) :]:
            axes.set_visible(False)
        for axes in panels.flat[len(rates) - 2 : len(rates)]:  # the lowest of each column
            axes.tick_params(labelbottom=True)
            axes.set_xlabel("training step")
        handles, labels = panels[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="upper left", ncols=2)
        return figure

    table = []
    for (optimizer, rate), history in histories.items():
        losses = history.loss[:, 0]
        finite = losses[np.isfinite(losses)]
        values = (losses[0], finite.min() if finite.size else None, losses[-1])
        table.append((NAMES[optimizer], f"{rate:g}", *(number(value) for value in values)))
    return Figure(
        name="curves",
        title="The loss of network 0 over the steps, at every rate",
        caption="The same start in every panel. A curve that leaves the frame at the top goes on above it; where plain "
        "gradient descent diverges it never comes back.",
        alternative="Loss of network 0 at the start and at the end. "
        + "; ".join(f"{name} at {rate}: from {first} to {last}" for name, rate, first, _, last in table)
        + ".",
        table=Table(("optimiser", "rate", "loss at the start", "lowest recorded", "loss at the end"), tuple(table)),
        draw=draw,
    )
