"""Maps of what networks do with the plane: their regions, their neurons' lines, and the data."""

from collections.abc import Iterator, Sequence
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
COLUMNS, CELL, GAP, HEADING = 8, 56, 4, 30  # of a wall: maps in a row, and lengths in pixels of its raster


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

    def shares(self, points: Floats) -> Floats:
        """Return where points (points, 2) lie between the window's left and right, bottom and top, from 0 to 1."""
        low, high = np.array([self.left, self.bottom]), np.array([self.right, self.top])
        return np.asarray((points - low) / (high - low))

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

    def segments(self, kernel: Floats, bias: Floats) -> Iterator[tuple[int, Floats]]:
        """Yield each neuron, of a kernel (2, units) and a bias (units,), whose line is in sight, with the two ends."""
        for neuron, offset in enumerate(bias.tolist()):
            ends = self.segment(kernel[:, neuron], offset)
            if ends is not None:
                yield neuron, ends

    def fill(self, axes: Axes, picture: npt.NDArray[np.uint8]) -> None:
        """Fill axes with a picture (rows, columns, 4) of the window."""
        axes.imshow(picture, extent=self.extent, interpolation="none", aspect="auto", zorder=0)
        self.limit(axes)

    def limit(self, axes: Axes) -> None:
        """Let axes show the window."""
        axes.set_xlim(self.left, self.right)
        axes.set_ylim(self.bottom, self.top)


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
            x,
            y,
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
    window.fill(axes, tinted(regions(network, parameters[:, None], window, 180, 130)[..., 0], colours))
    draw_points(axes, palette, data, colours)
    kernel, bias = network.unpack(parameters)[0]
    halo = [withStroke(linewidth=4.2, foreground=palette.paper)]
    sides = np.array([window.right - window.left, window.top - window.bottom])
    for neuron, ends in window.segments(kernel, bias):
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
    groups = [group for group in groups if group.members]
    members = [member for group in groups for member in group.members]
    tops, height = _tops([len(group.members) for group in groups], most)
    # The upper left corner of each map, in pixels of the raster.
    corners = [
        (left * (CELL + GAP), top + down * (CELL + GAP))
        for top, group in zip(tops, groups, strict=True)
        for down, left in (divmod(at, COLUMNS) for at in range(len(group.members)))
    ]
    width = COLUMNS * (CELL + GAP) - GAP
    window = Window.around(data)
    tiles = tinted(regions(network, parameters[:, members], window, CELL, CELL), colours)  # (cell, cell, members, 4)
    for row, column, index in _pixels(data, window):
        tiles[row, column] = [*(round(255 * part) for part in to_rgb(colours[index])), 255]
    raster = np.zeros((height, width, 4), np.uint8)
    lines: list[list[Floats]] = [[] for _ in range(network.sizes[1])]
    for place, (member, (x, y)) in enumerate(zip(members, corners, strict=True)):
        raster[y : y + CELL, x : x + CELL] = tiles[:, :, place]
        for neuron, ends in window.segments(*network.unpack(parameters[:, member])[0]):
            share = window.shares(ends)
            lines[neuron].append(np.column_stack((x + share[:, 0] * CELL, y + (1 - share[:, 1]) * CELL)))
    marked = {member for group in groups for member in group.marked}
    frames = [Rectangle(at, CELL, CELL) for member, at in zip(members, corners, strict=True) if member in marked]
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


def _tops(sizes: Sequence[int], most: int) -> tuple[list[int], int]:
    """Return where the maps of each group of a wall begin, and how high the wall is, in pixels of its raster.

    ``sizes`` counts the maps of each group; ``most`` is as for `draw_wall`.
    """
    rows = [-(-size // COLUMNS) for size in sizes]
    count = sum(sizes)
    fullest = min(max(most, len(sizes)), count) if most else len(sizes)
    highest = fullest + (count - fullest) // COLUMNS if most else sum(rows)
    height = fullest * (HEADING + 4) + highest * (CELL + GAP)
    spare = (height - len(sizes) * (HEADING + 4) - sum(rows) * (CELL + GAP)) // max(len(sizes) - 1, 1)
    heights = [HEADING + each * (CELL + GAP) + 4 + spare for each in rows]
    return [HEADING + sum(heights[:at]) for at in range(len(rows))], height


def _pixels(data: Dataset, window: Window) -> Iterator[tuple[int, int, int]]:
    """Yield row and column of the pixel of each example on a small map, with its class."""
    share = window.shares(data.x)
    column = (share[:, 0] * CELL).astype(int)
    row = ((1 - share[:, 1]) * CELL).astype(int)
    yield from zip(row.tolist(), column.tolist(), data.labels.tolist(), strict=True)
