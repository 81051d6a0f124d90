"""Forgetting: the old points over the steps, what is left of them for each way to go on, and for each new blob."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import PercentFormatter

from models.figures import Figure, Table
from models.figures.charts import legend, log_steps
from models.figures.spreads import draw_band, draw_strip, dress_strips
from models.figures.style import Palette, canvas
from models.figures.sweeps import number, share_axis, tenths
from models.statistics import median

Floats = npt.NDArray[np.floating]


def course_figure(steps: npt.NDArray[np.intp], found: Mapping[str, Floats]) -> Figure:
    """Return the share of old points right (steps, networks) over the steps, a line for each way to go on."""
    known = {words: np.nan_to_num(values) for words, values in found.items()}

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.8)
        axes = figure.add_subplot()
        for index, (words, values) in enumerate(known.items()):
            draw_band(axes, palette, index, steps, values, words)
        log_steps(axes, steps)
        share_axis(axes)
        axes.set_xlabel("step of the second training")
        axes.set_ylabel("old points right")
        legend(figure)
        return figure

    middle = len(steps) // 2
    return Figure(
        name="course",
        title="The old points that are still right, over the steps of the second training",
        caption="Medians of the recorded networks, with the middle 80 % as bands. For some 25 steps nothing happens to "
        "the old points. Then the new class grows into their regions, unless a few of them are there to hold it back.",
        table=Table(
            ("learned in the second training", "before it", f"at step {steps[middle]}", "at the end"),
            tuple(
                (words, *(number(median(values[at]), ".0%") for at in (0, middle, -1)))
                for words, values in known.items()
            ),
        ),
        draw=draw,
    )


def ways_figure(found: Mapping[str, Floats], still: float) -> Figure:
    """Return the share of old points right at the end (networks,), a strip of dots for each way to go on."""

    def draw(palette: Palette) -> Canvas:
        figure = canvas(0.7 + 0.58 * len(found))
        axes: Axes = figure.add_subplot()
        for at, (words, values) in enumerate(found.items()):
            draw_strip(axes, palette, at, words, values, (0, 1), median=True)
        dress_strips(axes, len(found), (0, 1))
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
        axes.set_xlabel("old points right")
        return figure

    return Figure(
        name="ways",
        title="Old points right at the end of the second training, for each way to go on",
        caption="Each dot is a network, the vertical mark the median of a row. In all rows but the last the same "
        "networks go on, which had learned blobs 0, 2 and 3; blob 1 is new. In the last row blob 3 is the new one.",
        table=Table(
            (
                "learned in the second training",
                "old points right (median)",
                "a tenth below",
                "a tenth above",
                f"still {still:.0%} of them",
            ),
            tuple(
                (
                    words,
                    number(median(values), ".0%"),
                    *tenths(values, ".0%"),
                    f"{np.count_nonzero(values >= still)} of {values.size}",
                )
                for words, values in found.items()
            ),
        ),
        draw=draw,
    )
