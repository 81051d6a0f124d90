"""Maps of what networks do with the plane: their regions, their neurons' lines, and the data."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from models.datasets import Dataset
from models.figures.style import DASHES, MARKERS, WIDTH, Palette, bare, canvas
from models.network import Network

Floats = npt.NDArray[np.floating]

TINT = 0.34  # how much of a class's colour its region shows


@dataclass(frozen=True)
class Window:
    """The part of the plane that a map shows."""

    left: float
    right: float
    bottom: float
    top: float

    @classmethod
    def around(cls, data: Dataset, margin: float = 0.09) -> "Window":
        """Return the window that holds all examples, with a margin in shares of its sides."""
        low, high = data.x.min(axis=0), data.x.max(axis=0)
        space = (high - low) * margin
        left, bottom = (low - space).tolist()
        right, top = (high + space).tolist()
        return cls(left, right, bottom, top)

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """The window as matplotlib's images take it."""
        return self.left, self.right, self.bottom, self.top

    def grid(self, columns: int, rows: int) -> Floats:
        """Return the middles (rows * columns, 2) of the window's cells, row by row from the top."""
        across = (np.arange(columns) + 0.5) / columns * (self.right - self.left) + self.left
        down = (np.arange(rows)[::-1] + 0.5) / rows * (self.top - self.bottom) + self.bottom
        return np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2)

    def segment(self, kernel: Floats, bias: float) -> Floats | None:
        """Return the two ends (2, 2) of the line kernel @ x + bias = 0 inside the window, or None."""
        ends = []
        for axis, values in ((0, (self.left, self.right)), (1, (self.bottom, self.top))):
            other = 1 - axis
            if abs(kernel[other]) < 1e-9:
                continue
            for value in values:
                point = np.empty(2)
                point[axis], point[other] = value, -(bias + kernel[axis] * value) / kernel[other]
                low, high = ((self.bottom, self.top), (self.left, self.right))[axis]
                if low <= point[other] <= high:
                    ends.append(point)
        if len(ends) < 2:
            return None
        far = max(ends[1:], key=lambda end: float(np.linalg.norm(end - ends[0])))
        return np.stack((ends[0], far))


def regions(network: Network, parameters: Floats, window: Window, columns: int, rows: int) -> npt.NDArray[np.intp]:
    """Return the class (rows, columns, networks) that each network gives to each cell of a window."""
    outputs = network.forward(parameters, window.grid(columns, rows))[-1]
    return network.classify(outputs).reshape(rows, columns, -1)


def tinted(classes: npt.NDArray[np.intp], colours: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Return classes as a transparent picture (..., 4), so that it lies on light and dark paper alike."""
    shades = np.array([[*to_rgb(colour), TINT] for colour in colours])
    return (shades[classes] * 255).round().astype(np.uint8)


def draw_points(axes: Axes, palette: Palette, data: Dataset, colours: Sequence[str], size: float = 13) -> None:
    """Draw the examples, each class with its own colour and marker."""
    for index, name in enumerate(data.class_names):
        x, y = data.x[data.labels == index].T
        axes.scatter(
            *(x, y),
            s=size * (1.25 if MARKERS[index] == "^" else 1),
            marker=MARKERS[index],
            color=colours[index],
            edgecolors=palette.paper,
            linewidths=0.4,
            label=name,
            zorder=2,
        )


def draw_map(
    axes: Axes, palette: Palette, network: Network, parameters: Floats, data: Dataset, colours: Sequence[str]
) -> None:
    """Draw one network's regions, the examples, and each hidden neuron's line with an arrow to its active side.

    ``parameters`` has shape (P,).
    """
    window = Window.around(data)
    picture = tinted(regions(network, parameters[:, None], window, 180, 130)[..., 0], colours)
    axes.imshow(picture, extent=window.extent, interpolation="none", aspect="auto", zorder=0)
    draw_points(axes, palette, data, colours)
    kernel, bias = network.unpack(parameters)[0]
    halo = [withStroke(linewidth=4.2, foreground=palette.paper)]
    sides = np.array([window.right - window.left, window.top - window.bottom])
    for neuron in range(kernel.shape[1]):
        ends = window.segment(kernel[:, neuron], float(bias[neuron]))
        if ends is None:
            continue
        colour, dash = palette.neurons[neuron % 3], DASHES[neuron % 3]
        axes.plot(*ends.T, color=colour, linestyle=dash, linewidth=2, path_effects=halo, zorder=3)
        place = ends[0] + (ends[1] - ends[0]) * (0.14 if neuron % 2 else 0.86)
        # The arrow stands at a right angle to the line on the page, whatever the scales of the two axes are.
        across = kernel[:, neuron] * sides
        tip = place + 0.085 * across / max(float(np.linalg.norm(across)), 1e-9) * sides
        arrow = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.6, "shrinkA": 0, "shrinkB": 0}
        axes.annotate("", xy=tuple(tip), xytext=tuple(place), arrowprops=arrow, zorder=4)
        axes.text(
            float(place[0]),
            float(place[1]),
            str(neuron + 1),
            color=palette.paper,
            fontsize=8.5,
            fontweight="bold",
            ha="center",
            va="center",
            zorder=5,
            bbox={"boxstyle": "circle,pad=0.22", "facecolor": colour, "edgecolor": palette.paper, "linewidth": 0.8},
        )
    axes.set_xlim(window.left, window.right)
    axes.set_ylim(window.bottom, window.top)
    axes.set_xlabel(data.feature_names[0])
    axes.set_ylabel(data.feature_names[1])
    bare(axes)


@dataclass(frozen=True)
class Group:
    """Networks of a wall that belong together; ``members`` are positions in the ensemble, ``marked`` get a frame."""

    title: str
    members: Sequence[int]
    marked: Sequence[int] = ()


def draw_wall(
    palette: Palette,
    network: Network,
    parameters: Floats,
    data: Dataset,
    colours: Sequence[str],
    groups: Sequence[Group],
    most: int = 0,
) -> Canvas:
    """Draw many small maps, grouped: one axes, one raster for the regions, one set of lines for each neuron.

    With ``most``, the number of groups that there can be, the picture is as high as any of so many networks can need
    to be, and the room that is left lies between the groups: on a page, another run then takes the same place.
    """
    columns, cell, gap, heading = 8, 56, 4, 30  # pixels of the raster
    width = columns * (cell + gap) - gap
    groups = [group for group in groups if group.members]
    rows = [-(-len(group.members) // columns) for group in groups]
    count = sum(len(group.members) for group in groups)
    fullest = min(max(most, len(groups)), count) if most else len(groups)
    highest = fullest + (count - fullest) // columns if most else sum(rows)
    height = fullest * (heading + 4) + highest * (cell + gap)
    spare = (height - len(groups) * (heading + 4) - sum(rows) * (cell + gap)) // max(len(groups) - 1, 1)
    tops: list[int] = []
    top = 0
    for group_rows in rows:
        tops.append(top + heading)
        top += heading + group_rows * (cell + gap) + 4 + spare
    window = Window.around(data)
    members = [member for group in groups for member in group.members]
    tiles = tinted(regions(network, parameters[:, members], window, cell, cell), colours)  # (cell, cell, members, 4)
    dots = _dots(data, window, cell)
    raster = np.zeros((height, width, 4), np.uint8)
    lines: list[list[Floats]] = [[] for _ in range(network.sizes[1])]
    frames: list[Rectangle] = []
    place = 0
    for top, group in zip(tops, groups, strict=True):
        for at in range(len(group.members)):
            row, column = divmod(at, columns)
            y, x = top + row * (cell + gap), column * (cell + gap)
            tile = raster[y : y + cell, x : x + cell]
            tile[:] = tiles[:, :, place]
            for index, colour in enumerate(colours):
                tile[dots == index] = [*(round(255 * part) for part in to_rgb(colour)), 255]
            kernel, bias = network.unpack(parameters[:, members[place]])[0]
            for neuron, found in enumerate(lines):
                ends = window.segment(kernel[:, neuron], float(bias[neuron]))
                if ends is not None:
                    share = (ends - [window.left, window.bottom]) / [
                        window.right - window.left,
                        window.top - window.bottom,
                    ]
                    found.append(np.column_stack((x + share[:, 0] * cell, y + (1 - share[:, 1]) * cell)))
            if members[place] in group.marked:
                frames.append(Rectangle((x, y), cell, cell))
            place += 1
    figure = canvas(WIDTH * height / width)
    figure.set_layout_engine("none")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.imshow(raster, extent=(0, width, height, 0), interpolation="none", zorder=0)
    for neuron, found in enumerate(lines):
        axes.add_collection(
            LineCollection(found, colors=palette.neurons[neuron % 3], linestyles=[DASHES[neuron % 3]], linewidths=1.2)
        )
    axes.add_collection(PatchCollection(frames, facecolor="none", edgecolor=palette.accent, linewidth=1.3))
    for top, group in zip(tops, groups, strict=True):
        axes.text(0, top - 7, group.title, fontsize=9.5, va="baseline")
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    axes.axis("off")
    return figure


def _dots(data: Dataset, window: Window, cell: int) -> npt.NDArray[np.intp]:
    """Return the class of the example in each pixel (cell, cell) of a small map, and -1 where there is none."""
    found = np.full((cell, cell), -1, np.intp)
    column = ((data.x[:, 0] - window.left) / (window.right - window.left) * cell).astype(int)
    row = ((window.top - data.x[:, 1]) / (window.top - window.bottom) * cell).astype(int)
    found[row, column] = data.labels
    return found
