"""Small pictures of the two figures of the lessons that learners speak of, drawn from the same data.

One SVG serves light and dark pages. To draw them anew: `python -m models.lesson_pictures assistant/static/lesson`.
"""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.datasets import blobs, coffee
from models.figures.style import DARK, LIGHT, Palette
from models.splits import possible_lines

WIDTH, HEIGHT = 240, 170
EDGE = 5  # between the outermost points and the picture's side
DASHES = ("none", "7 4", "2 3.5")
SIDES = ("01", "02")  # The blobs that the two neurons' lines part from the others.
DOT = "h0"  # With round ends, a stroke of no length is a dot.
CROSS = "m-2-2l4 4m0-4l-4 4"
MARKS = (DOT, "m-2.5 2l2.5-4.5l2.5 4.5z", "m-2-2h4v4h-4z", CROSS)

Points = npt.NDArray[np.float64]


def coffee_roasting() -> str:
    """Return the roasts by temperature and duration as SVG, with the three lines around the good ones."""
    x, good = coffee.roasts()
    place = _scale(x)
    lines = [(np.array(edge.normal), -edge.offset) for edge in coffee.EDGES]
    crossing = zip(lines, [*lines[1:], lines[0]], strict=True)
    corners = place(np.array([np.linalg.solve([a, b], [-c, -d]) for (a, c), (b, d) in crossing]))
    region = " ".join(f"{a:.0f},{b:.0f}" for a, b in corners)
    parts = [
        f'<polygon class="good" points="{region}"/>',
        *(_marks(f"roast-{label}", place(x[good == label]), mark) for label, mark in ((0, DOT), (1, CROSS))),
        *_lines(lines, x, place),
    ]
    return _svg(parts, "Coffee roasting")


def four_blobs() -> str:
    """Return the four blobs as SVG, with a line for each of two neurons that splits them two and two."""
    data = blobs.load()
    x = data.x.astype(np.float64)
    place = _scale(x)
    sides = possible_lines(np.array(blobs.CENTERS))
    lines = [(sides[side].normal, sides[side].offset) for side in SIDES]
    parts = [
        *(_marks(f"blob-{label}", place(x[data.labels == label]), mark) for label, mark in enumerate(MARKS)),
        *_lines(lines, x, place),
    ]
    return _svg(parts, "Four blobs")


PICTURES: dict[str, Callable[[], str]] = {"coffee": coffee_roasting, "blobs": four_blobs}


def _scale(x: Points) -> Callable[[Points], Points]:
    """Return what places points (rows, 2) in the picture, so that all of ``x`` lie in it."""
    low, high = x.min(axis=0), x.max(axis=0)
    size = np.array([WIDTH, HEIGHT]) - 2 * EDGE

    def place(points: Points) -> Points:
        share = (points - low) / (high - low)
        placed: Points = EDGE + size * np.column_stack([share[:, 0], 1 - share[:, 1]])
        return placed

    return place


def _marks(name: str, placed: Points, mark: str) -> str:
    """Return a mark at each place (rows, 2), as one path."""
    path = "".join(f"M{a:.0f} {b:.0f}{mark}" for a, b in placed)
    return f'<path class="mark{" dots" if mark == DOT else ""} {name}" d="{path}"/>'


def _lines(
    lines: Iterable[tuple[npt.NDArray[np.floating], float]], x: Points, place: Callable[[Points], Points]
) -> Iterable[str]:
    """Yield the lines normal @ x + offset = 0, longer than the picture, which cuts them off."""
    reach = 3 * np.ptp(x, axis=0).max()
    for at, (normal, offset) in enumerate(lines):
        foot, along = -offset * normal / (normal @ normal), np.array([-normal[1], normal[0]]) / np.linalg.norm(normal)
        (a, b), (c, d) = place(np.stack([foot - reach * along, foot + reach * along]))
        yield f'<line class="line line-{at}" x1="{a:.0f}" y1="{b:.0f}" x2="{c:.0f}" y2="{d:.0f}"/>'


def _svg(parts: Iterable[str], title: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
        f"<title>{title}</title><style>"
        ".mark{fill:none;stroke-width:1.3;stroke-linecap:round;stroke-linejoin:round}.dots{stroke-width:4}"
        ".line{stroke-width:2.6}.good{fill-opacity:.22}"
        + "".join(f".line-{at}{{stroke-dasharray:{dash}}}" for at, dash in enumerate(DASHES))
        + _colours(LIGHT)
        + f"@media(prefers-color-scheme:dark){{{_colours(DARK)}}}</style>"
        + "".join(parts)
        + "</svg>\n"
    )


def _colours(palette: Palette) -> str:
    """Return the style sheet of one palette."""
    strokes = {"blob": palette.classes, "roast": palette.roasts, "line": palette.neurons}
    return f".good{{fill:{palette.roasts[1]}}}" + "".join(
        f".{role}-{at}{{stroke:{colour}}}" for role, colours in strokes.items() for at, colour in enumerate(colours)
    )


if __name__ == "__main__":
    for _name, _draw in PICTURES.items():
        (Path(sys.argv[1]) / f"{_name}.svg").write_text(_draw(), encoding="utf-8")
