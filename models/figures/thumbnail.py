"""A run's thumbnail for lists: what a few of the networks that its replay shows became."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure as Canvas

from models.figures import Figure, Table
from models.figures.boundaries import Window, regions, tinted
from models.figures.style import DASHES, Palette
from models.plans import Cohort

NAME = "thumbnail"
COLUMNS, ROWS = 3, 2
CELL, GAP = 42, 3  # of a map and between two, in pixels
WIDTH, HEIGHT = COLUMNS * (CELL + GAP) - GAP, ROWS * (CELL + GAP) - GAP
PLACES, POINTS = 60, 24  # at which a curve is computed, and examples that are drawn beside it

Member = tuple[Cohort, int]  # a network, by its cohort and its place there


def thumbnail(watched: Sequence[Cohort]) -> Figure | None:
    """Return six small maps, or curves, of networks after training; None of data that neither shows.

    Args:
        watched: the cohorts that a run's replay shows; of several of the same inputs, the first and the last are drawn.
    """
    inputs = watched[0].data.x.shape[1]
    draw_networks = {1: _draw_curves, 2: _draw_maps}.get(inputs)
    if draw_networks is None:
        return None
    # Curves of other examples than these would seem to miss them.
    like = [each for each in watched if each.data is watched[0].data or inputs == 2 == each.data.x.shape[1]]
    cohorts = like if len(like) == 1 else [like[0], like[-1]]
    each = COLUMNS * ROWS // len(cohorts)
    members = [(cohort, at) for cohort in cohorts for at in range(min(each, cohort.loss.size))]
    kind = "Maps" if inputs == 2 else "Curves"
    title = f"{kind} of {len(members)} networks after training"

    def draw(palette: Palette) -> Canvas:
        figure = Canvas(figsize=(WIDTH / 72, HEIGHT / 72))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.axis("off")
        draw_networks(axes, palette, members)
        return figure

    return Figure(name=NAME, title=title, caption="", table=Table((), ()), draw=draw, alternative=title)


def _draw_maps(axes: Axes, palette: Palette, members: Sequence[Member]) -> None:
    """Draw each network's regions with the examples, and its neurons' lines; one that diverged stays empty."""
    raster = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    for place, (cohort, at) in enumerate(members):
        y, x = (each * (CELL + GAP) for each in divmod(place, COLUMNS))
        if cohort.diverged[at]:
            continue
        data, parameters = cohort.data, cohort.parameters[:, at]
        window = Window.around(data)
        colours = [palette.classes[each % len(palette.classes)] for each in range(max(len(data.class_names), 2))]
        tile = tinted(regions(cohort.network, parameters[:, None], window, CELL, CELL)[..., 0], colours)
        across, down = (np.clip(window.shares(data.x) * CELL, 0, CELL - 1).astype(int)).T
        tile[CELL - 1 - down, across] = [
            [*(round(255 * part) for part in to_rgb(colours[label])), 255] for label in data.labels.tolist()
        ]
        raster[y : y + CELL, x : x + CELL] = tile
        for neuron, ends in window.segments(*cohort.network.unpack(parameters)[0]):
            share = window.shares(ends)
            line = np.column_stack((x + share[:, 0] * CELL, y + (1 - share[:, 1]) * CELL))
            colour, dash = palette.neurons[neuron % 3], DASHES[neuron % 3]
            axes.add_collection(LineCollection([line], colors=colour, linestyles=[dash], linewidths=0.9))
    axes.imshow(raster, extent=(0, WIDTH, HEIGHT, 0), interpolation="none", zorder=0)
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(HEIGHT, 0)


def _draw_curves(axes: Axes, palette: Palette, members: Sequence[Member]) -> None:
    """Draw the examples and what each network makes of its input, the cohorts in colours of their own."""
    first, data = members[0][0], members[0][0].data
    low, high = float(data.x.min()), float(data.x.max())
    x = np.linspace(low, high, PLACES)
    shown = np.linspace(0, len(data.x) - 1, min(POINTS, len(data.x))).round().astype(int)
    axes.scatter(data.x[shown, 0], data.targets[shown, 0], s=3, color=palette.muted, linewidths=0, zorder=1)
    for cohort, at in members:
        y = cohort.network.forward(cohort.parameters[:, [at]], x[:, None])[-1][:, 0, 0]
        axes.plot(x, y, color=palette.neurons[0 if cohort is first else 1], linewidth=0.9, zorder=2)
    space = 0.12 * float(np.ptp(data.targets))
    axes.set_xlim(low, high)
    axes.set_ylim(float(data.targets.min()) - space, float(data.targets.max()) + space)
