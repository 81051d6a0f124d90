"""What the learning rate does: one step of every length, success against rate, and the loss over the steps."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure as Canvas
from matplotlib.patheffects import withStroke

from models.backpropagation import backward_pass, losses
from models.experiment import Result
from models.figures import Figure, Table
from models.figures.charts import legend, log_steps
from models.figures.style import DASHES, Palette, canvas
from models.figures.sweeps import counts_table, counts_words, draw_share_curve, number, powers_of_ten, share_axis
from models.plans import OPTIMIZERS

NAMES = {optimizer: OPTIMIZERS[optimizer] for optimizer in ("sgd", "adam")}
CEILING = 5.0  # nats; what lies above is drawn at the edge


def one_step_figure(result: Result, rates: Sequence[float]) -> Figure:
    """Return the loss after one step of plain gradient descent from network 0's start, for every length of the step."""
    cohort = result.cohorts[f"sgd.{rates[0]:g}"]
    network, begin, data = cohort.network, cohort.start[:, :1], cohort.data
    slope = backward_pass(network, begin, data).gradients.mean(axis=0)  # (P, 1)
    fine, tried = np.geomspace(min(rates), max(rates), 241), np.array(rates)
    before = losses(network, begin, data).mean()
    curve, marked = (losses(network, begin - step * slope, data).mean(axis=0) for step in (fine, tried))

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.3)
        axes = figure.add_subplot()
        axes.axhline(before, color=palette.muted, linewidth=1, linestyle=DASHES[2])
        axes.text(min(rates), before + 0.1, "before the step", color=palette.muted, va="bottom")
        axes.plot(fine, np.minimum(curve, CEILING + 1), color=palette.neurons[0])
        inside = marked <= CEILING
        axes.plot(tried[inside], marked[inside], "o", color=palette.neurons[1], markersize=7, label="the rates we try")
        for rate, loss in zip(tried[~inside], marked[~inside], strict=True):
            axes.plot([rate], [CEILING - 0.12], "^", color=palette.neurons[1], markersize=8)
            halo = [withStroke(linewidth=3.5, foreground=palette.paper)]
            axes.text(rate * 1.5, CEILING - 0.42, number(loss, ",.0f"), va="center", ha="right", path_effects=halo)
        powers_of_ten(axes, rates)
        axes.set_ylim(0, CEILING)
        axes.grid(axis="y")
        axes.set_axisbelow(True)
        axes.set_xlabel("learning rate")
        axes.set_ylabel("loss after one step")
        legend(figure)
        return figure

    rows = tuple((f"{rate:g}", number(loss, ".4g")) for rate, loss in zip(rates, marked, strict=True))
    return Figure(
        name="one-step",
        title="One step from the same place, at every rate",
        caption="The first step of plain gradient descent in network 0. The direction is the same for all rates; only "
        "the length differs. A tiny step changes next to nothing, a good one lands low in the valley, and a huge one "
        "lands beyond it, higher than before. A triangle stands for a loss above the frame.",
        alternative=f"Network 0 starts at a loss of {before:.3f}. Loss after one step of plain gradient descent, by "
        f"rate: {'; '.join(f'{rate}: {loss}' for rate, loss in rows)}. The lowest point of the curve lies near a rate "
        f"of {fine[curve.argmin()]:.2g}.",
        table=Table(("rate", "loss after one step"), rows),
        draw=draw,
    )


def success_figure(result: Result, rates: Sequence[float]) -> Figure:
    """Return the shares of networks that succeed and that diverge against the rate, for both optimisers."""
    panels = {"success": "get 99 % of the points right", "diverged_share": "end in numbers that are not finite"}
    found = {
        (family, optimizer): [result.share(f"{family}.{optimizer}.{rate:g}") for rate in rates]
        for family in panels
        for optimizer in NAMES
    }

    def draw(palette: Palette) -> Canvas:
        figure = canvas(4.2)
        for axes, (family, title) in zip(figure.subplots(2, 1, sharex=True), panels.items(), strict=True):
            for index, (optimizer, name) in enumerate(NAMES.items()):
                draw_share_curve(axes, palette, index, rates, found[family, optimizer], name)
            axes.set_title(title)
            share_axis(axes)
        powers_of_ten(axes, rates)
        axes.set_xlabel("learning rate")
        legend(figure, columns=2)
        return figure

    values = [f"{rate:g}" for rate in rates]
    columns = {f"{panels[family]} with {NAMES[optimizer]}": shares for (family, optimizer), shares in found.items()}
    return Figure(
        name="success",
        title="Too small, right, too large",
        caption="The same starts at every rate, with 95 % intervals. Each optimiser has its own good range, and only "
        "plain gradient descent runs off to infinity.",
        alternative=f"Networks, by learning rate, that {counts_words(values, columns)}",
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
                loss = np.where(np.isfinite(history.loss[:, 0]), history.loss[:, 0], np.inf)
                axes.plot(
                    history.steps,
                    loss.clip(max=CEILING + 1),
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
        legend(figure, columns=2, inside=True)
        return figure

    rows = []
    for (optimizer, rate), history in histories.items():
        loss = history.loss[:, 0]
        lowest = loss[np.isfinite(loss)].min(initial=np.inf)
        rows.append((NAMES[optimizer], f"{rate:g}", *(number(value) for value in (loss[0], lowest, loss[-1]))))
    return Figure(
        name="curves",
        title="The loss of network 0 over the steps, at every rate",
        caption="The same start in every panel. A curve that leaves the frame at the top goes on above it; where plain "
        "gradient descent diverges it never comes back.",
        table=Table(("optimiser", "rate", "loss at the start", "lowest recorded", "loss at the end"), tuple(rows)),
        draw=draw,
    )
