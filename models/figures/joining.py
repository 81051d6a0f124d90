"""The way from one solution to another: the loss on it, and how often there is no hill."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure as Canvas

from models.experiment import Result
from models.figures import Figure, Table
from models.figures.charts import legend, shares_figure
from models.figures.style import DASHES, Palette, canvas


def paths_figure(losses: Mapping[str, npt.NDArray[np.floating]], ways: Mapping[str, str]) -> Figure:
    """Return the loss on the way (places, pairs), its median and middle half, by how the second network is written."""
    quarters = {way: np.percentile(path, [25, 50, 75], axis=1) for way, path in losses.items() if path.size}

    places = (0, len(next(iter(losses.values()))) // 2, -1)

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.0)
        axes = figure.add_subplot()
        axes.grid(axis="y")
        for at, (way, (low, middle, high)) in enumerate(quarters.items()):
            places = np.linspace(0, 1, middle.size)
            axes.fill_between(places, low, high, color=palette.neurons[at], alpha=0.15, linewidth=0)
            axes.plot(places, middle, color=palette.neurons[at], linestyle=DASHES[at], label=ways[way])
        axes.set_xlim(0, 1)
        axes.set_xticks([0, 0.5, 1], ["one network", "half-way", "the other"])
        axes.set_ylabel("cross-entropy")
        axes.set_ylim(bottom=0)
        if quarters:
            legend(figure, columns=2)
        return figure

    return Figure(
        name="paths",
        title="From one solution straight to another",
        caption="The loss of networks whose weights lie between those of two trained ones: median over the pairs, and "
        "the middle half of them. The function of the second network is the same in all three; only its neurons are "
        "written in another order, or as their mirror images.",
        table=Table(
            ("second network", "at one end", "half-way", "at the other end"),
            tuple(
                (words, *(f"{quarters[way][1, at]:.3f}" if way in quarters else "none, of 0 pairs" for at in places))
                for way, words in ways.items()
            ),
        ),
        draw=draw,
    )


def barriers_figure(result: Result, ways: Mapping[str, str]) -> Figure:
    """Return the share of pairs between which there is no hill."""
    return shares_figure(
        "barriers",
        "Pairs of networks without a hill between them",
        "The bar is the 95 % interval. Joined means that the loss rises by no more than 0.02 nats on the way.",
        [(words, result.share(f"joined_share.{way}")) for way, words in ways.items()],
        "second network",
    )
