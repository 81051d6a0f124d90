"""What the output layer makes of two neurons: the four regions with their classes, and the plane that it sees."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure as Canvas

from models.datasets import Dataset, blobs
from models.figures import Figure, Table
from models.figures.boundaries import Window, draw_map, draw_points, regions, tinted
from models.figures.splits import spoken
from models.figures.style import Palette, canvas
from models.network import Network, activate

Floats = npt.NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Region:
    """One row of a truth table: which neurons fire, which points lie there, and the class that wins."""

    fires: tuple[bool, bool]
    inside: npt.NDArray[np.bool_]  # (rows,)
    winner: int | None  # None where there is no point, or no finite output
    probability: float  # of the winner, mean over the region's points; NaN where there is none


def regions_figure(network: Network, parameters: Floats, shown: int, accuracy: float, table: list[Region]) -> Figure:
    """Return the map of one network with the class that wins in each region; ``parameters`` has shape (P,)."""
    data = blobs.load()

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.7)
        axes = figure.add_subplot()
        draw_map(axes, palette, network, parameters, data, palette.classes)
        for region in table:
            if region.winner is not None:
                x, y = np.median(data.x[region.inside], axis=0).tolist()
                axes.text(
                    *(x, y, f"{_said(region.fires)}\nblob {region.winner}: {region.probability:.0%}"),
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
            *("on" if on else "off" for on in region.fires),
            str(int(region.inside.sum())),
            spoken(_mostly(data, region)),
            "none" if region.winner is None else f"blob {region.winner}",
            "none" if region.winner is None else f"{region.probability:.0%}",
        )
        for region in table
    ]
    said = "; ".join(f"neuron 1 {one}, neuron 2 {two}: {winner} ({chance})" for one, two, *_, winner, chance in rows)
    return Figure(
        name="regions",
        title=f"Network {shown}: two lines, four regions, four classes",
        caption="In each region: whether neuron 1 and neuron 2 are on, the class that wins there, and its "
        "probability, mean over the region's points. The tint is the class that the network gives to each place.",
        alternative=f"Map of network {shown}, which gets {accuracy:.0%} of the points right, with the class that wins "
        f"in each region. {said}.",
        table=Table(("neuron 1", "neuron 2", "points", "holds most of", "wins", "probability"), tuple(rows)),
        draw=draw,
    )


def _said(fires: tuple[bool, bool]) -> str:
    return " · ".join("on" if on else "off" for on in fires)


def _mostly(data: Dataset, region: Region) -> str:
    """Return the blobs most of whose points lie in a region, as digits."""
    return "".join(
        name for label, name in enumerate(data.class_names) if region.inside[data.labels == label].mean() > 0.5
    )


def hidden_plane_figure(network: Network, parameters: Floats, shown: int) -> Figure:
    """Return the points as the output layer sees them: by the outputs of the two hidden neurons."""
    data = blobs.load()
    values = activate(network.activation, network.forward(parameters[:, None], data.x)[0])[..., 0]  # (rows, units)
    finite = bool(np.isfinite(values).all())
    seen = Dataset(
        x=np.where(np.isfinite(values), values, 0).astype(np.float32),
        targets=data.targets,
        labels=data.labels,
        feature_names=("neuron 1 puts out", "neuron 2 puts out"),
        class_names=tuple(f"blob {name}" for name in data.class_names),
    )
    output = Network(network.sizes[1:], "linear", network.loss)
    weights = parameters[network.layers[1].kernel.start :]

    def draw(palette: Palette) -> Canvas:
        figure = canvas(3.7)
        axes = figure.add_subplot()
        # A window around the points, which holds the corner where both are silent, and is never empty.
        across, up = (max(float(top), 1e-3) for top in seen.x.max(axis=0))
        window = Window(-0.06 * across, 1.06 * across, -0.06 * up, 1.06 * up)
        picture = tinted(regions(output, weights[:, None], window, 180, 130)[..., 0], palette.classes)
        axes.imshow(picture, extent=window.extent, interpolation="none", aspect="auto", zorder=0)
        axes.axhline(0, color=palette.muted, linewidth=0.8, zorder=1)
        axes.axvline(0, color=palette.muted, linewidth=0.8, zorder=1)
        draw_points(axes, palette, seen, palette.classes, size=15)
        axes.set_xlim(window.left, window.right)
        axes.set_ylim(window.bottom, window.top)
        axes.set_xlabel(seen.feature_names[0])
        axes.set_ylabel(seen.feature_names[1])
        axes.locator_params(nbins=5)
        handles, labels = axes.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper left", ncols=4, handletextpad=0.1, columnspacing=1)
        return figure

    rows = []
    for label, name in enumerate(seen.class_names):
        middle = np.median(values[data.labels == label], axis=0) if finite else np.full(values.shape[1], np.nan)
        rows.append((name, *(f"{value:.2f}" if finite else "none" for value in middle)))
    said = "; ".join(f"{name}: {one} and {two}" for name, one, two in rows)
    return Figure(
        name="hidden-plane",
        title="What the output layer sees",
        caption="The same points, placed by what the two hidden neurons put out. Where both are silent, all points "
        "fall on one spot in the corner; where one is silent, they lie on an axis. The output layer parts this plane "
        "with straight lines, and needs no more.",
        alternative=f"The blobs of network {shown} by the outputs of neuron 1 and neuron 2, medians. {said}.",
        table=Table(("blob", "neuron 1 puts out, median", "neuron 2 puts out, median"), tuple(rows)),
        draw=draw,
    )
