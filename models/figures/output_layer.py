"""What the output layer makes of two neurons: the four regions with their classes, and the plane that it sees."""

import numpy as np
from matplotlib.figure import Figure as Canvas

from models.datasets import Dataset
from models.figures import Figure, Table
from models.figures.boundaries import Window, draw_map, draw_points, regions, tinted
from models.figures.charts import legend
from models.figures.style import Palette, canvas
from models.figures.sweeps import number
from models.network import Network, activate
from models.plans import Cohort
from models.readings import Booleans, accuracy, forward
from models.splits import blobs_in_words
from models.truth_table import FIRES, truth_table


def regions_figure(main: Cohort, shown: int) -> Figure:
    """Return the map of one network with the class that wins in each region."""
    data, network, parameters, table = main.data, main.network, main.parameters[:, shown], truth_table(main)
    states = [tuple("on" if on else "off" for on in fires) for fires in FIRES]
    inside, chances = table.inside[..., shown], table.probability[:, shown]
    winners = [data.class_names[winner] if winner >= 0 else "none" for winner in table.winner[:, shown]]

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.7)
        axes = figure.add_subplot()
        draw_map(axes, palette, network, parameters, data, palette.classes)
        for state, points, winner, chance in zip(states, inside, winners, chances, strict=True):
            if winner != "none":
                x, y = np.median(data.x[points], axis=0).tolist()
                axes.text(
                    *(x, y, f"{' · '.join(state)}\n{winner}: {100 * chance:.0f} %"),
                    ha="center",
                    va="center",
                    fontsize=9,
                    linespacing=1.25,
                    zorder=6,
                    bbox={"boxstyle": "round,pad=0.3", "facecolor": palette.paper, "edgecolor": "none", "alpha": 0.86},
                )
        return figure

    rows = [
        (
            f"neuron 1 {state[0]}, neuron 2 {state[1]}",
            str(int(points.sum())),
            blobs_in_words(_mostly(data, points)),
            winner,
            number(float(chance), ".0%"),
        )
        for state, points, winner, chance in zip(states, inside, winners, chances, strict=True)
    ]
    return Figure(
        name="regions",
        title=f"Network {shown}: two lines, four regions, four classes",
        caption="In each region: whether neuron 1 and neuron 2 are on, the class that wins there, and its "
        "probability, mean over the region's points. The tint is the class that the network gives to each place; "
        f"{accuracy(main)[shown]:.0%} of the points are right.",
        table=Table(("region", "points", "holds most of", "wins", "probability"), tuple(rows)),
        draw=draw,
    )


def _mostly(data: Dataset, inside: Booleans) -> str:
    """Return the blobs most of whose points lie in a region, as digits; ``inside`` has shape (points,)."""
    return "".join(str(label) for label in range(len(data.class_names)) if inside[data.labels == label].mean() > 0.5)


def hidden_plane_figure(main: Cohort, shown: int) -> Figure:
    """Return the points as the output layer sees them: by the outputs of the two hidden neurons."""
    data, network = main.data, main.network
    values = activate(network.activation, forward(main)[0])[..., shown]  # (points, units)
    seen = Dataset(
        x=np.where(np.isfinite(values), values, 0).astype(np.float32),
        targets=data.targets,
        labels=data.labels,
        feature_names=("neuron 1 puts out", "neuron 2 puts out"),
        class_names=data.class_names,
    )
    output = Network(network.sizes[1:], "linear", network.loss)
    weights = main.parameters[network.layers[1].kernel.start :, [shown]]

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.7)
        axes = figure.add_subplot()
        # A window around the points, which holds the corner where both are silent, and is never empty.
        across, up = (max(float(top), 1e-3) for top in seen.x.max(axis=0))
        window = Window(-0.06 * across, 1.06 * across, -0.06 * up, 1.06 * up)
        window.fill(axes, tinted(regions(output, weights, window, 180, 130)[..., 0], palette.classes))
        axes.axhline(0, color=palette.muted, linewidth=0.8, zorder=1)
        axes.axvline(0, color=palette.muted, linewidth=0.8, zorder=1)
        draw_points(axes, palette, seen, palette.classes, size=15)
        axes.set_xlabel(seen.feature_names[0])
        axes.set_ylabel(seen.feature_names[1])
        axes.locator_params(nbins=5)
        legend(figure, columns=4, handletextpad=0.1)
        return figure

    rows = [
        (name, *(number(value, ".2f") for value in np.median(values[data.labels == label], axis=0).tolist()))
        for label, name in enumerate(seen.class_names)
    ]
    return Figure(
        name="hidden-plane",
        title=f"Network {shown}: what the output layer sees",
        caption="The same points, placed by what the two hidden neurons put out. Where both are silent, all points "
        "fall on one spot in the corner; where one is silent, they lie on an axis. The output layer parts this plane "
        "with straight lines, and needs no more.",
        table=Table(("blob", "median output of neuron 1", "median output of neuron 2"), tuple(rows)),
        draw=draw,
    )
