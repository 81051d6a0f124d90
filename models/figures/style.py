"""How every figure looks: colours, sizes, and the way to SVG and PNG.

The width is that of a phone's column, so that the text stays readable at 360 pixels; wider pages scale it up. The
colours are distinct to colour-blind readers, and nothing is told by colour alone: classes have their own markers,
neurons their own dashes.

One SVG serves light and dark pages: it is drawn in the light palette, in which every colour has one role, and its own
style sheet exchanges the colours where the reader's system asks for dark.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from io import BytesIO
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure as Canvas

from models.figures import Figure

WIDTH = 4.6  # inches
DASHES: tuple[Any, ...] = ("solid", (0, (5, 1.6)), (0, (1.2, 1.4)))
MARKERS = ("o", "s", "^", "D")

STYLE: dict[Any, Any] = {
    "axes.edgecolor": "none",
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.spines.bottom": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "axes.titlepad": 7,
    "axes.titley": 1.0,  # else matplotlib measures all tick labels to see whether a title must give way to them
    "axes.labelsize": 9.5,
    "font.size": 9.5,
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "legend.fontsize": 9.5,
    "lines.linewidth": 1.6,
    "svg.fonttype": "path",
    "svg.hashsalt": "askneuron",
    "xtick.major.size": 0,
    "xtick.minor.size": 0,
    "ytick.major.size": 0,
    "ytick.minor.size": 0,
}


@dataclass(frozen=True)
class Palette:
    """The colours by role."""

    paper: str
    ink: str
    muted: str
    grid: str
    classes: tuple[str, ...]
    roasts: tuple[str, ...]
    neurons: tuple[str, ...]
    accent: str

    def colours(self) -> list[str]:
        """Return every colour, in the order of the roles."""
        found: list[str] = []
        for role in fields(self):
            value = getattr(self, role.name)
            found.extend([value] if isinstance(value, str) else value)
        return found


LIGHT = Palette(
    paper="#fffffe",
    ink="#22262b",
    muted="#5c6570",
    grid="#e3e6ea",
    classes=("#4477a9", "#c2872f", "#4f9068", "#a0588f"),
    roasts=("#8a94a0", "#8d5b2c"),
    neurons=("#1f5fbf", "#d1480a", "#0f8264"),
    accent="#b3261e",
)
DARK = Palette(
    paper="#15181c",
    ink="#e9ecef",
    muted="#a4adb8",
    grid="#343a42",
    classes=("#7fb0e0", "#e3b25f", "#7cc79a", "#d492c4"),
    roasts=("#8d97a3", "#c98f58"),
    neurons=("#7db4ff", "#ff9159", "#4fd6ad"),
    accent="#ff8a80",
)


@contextmanager
def drawing(palette: Palette) -> Iterator[None]:
    """Apply the style while a figure is drawn."""
    colours: dict[Any, Any] = {
        "axes.facecolor": "none",
        "axes.labelcolor": palette.muted,
        "axes.titlecolor": palette.ink,
        "figure.facecolor": "none",
        "grid.color": palette.grid,
        "legend.labelcolor": palette.ink,
        "text.color": palette.ink,
        "xtick.color": palette.muted,
        "ytick.color": palette.muted,
    }
    with mpl.rc_context(STYLE | colours):
        yield


def canvas(height: float) -> Canvas:
    """Return an empty figure of the common width; ``height`` in inches."""
    return Canvas(figsize=(WIDTH, height), layout="constrained")


def svg(figure: Figure) -> bytes:
    """Draw a figure as one SVG for light and dark pages."""
    with drawing(LIGHT):
        drawn = figure.draw(LIGHT)
        buffer = BytesIO()
        FigureCanvasSVG(drawn).print_svg(buffer, metadata={"Title": figure.title, "Date": None, "Creator": None})
    head, separator, body = buffer.getvalue().partition(b"<defs>")
    return head + _dark_sheet().encode() + separator + body


def png(figure: Figure, palette: Palette = LIGHT, *, dots_per_inch: int = 200) -> bytes:
    """Draw a figure as a PNG in one palette."""
    with drawing(palette):
        drawn = figure.draw(palette)
        # Printed by its canvas, a figure is laid out once, and by `savefig` twice.
        drawn.set_facecolor(palette.paper)
        drawn.set_dpi(dots_per_inch)
        buffer = BytesIO()
        FigureCanvasAgg(drawn).print_png(buffer)
    return buffer.getvalue()


def _dark_sheet() -> str:
    """Return the style sheet that exchanges light colours for dark ones; it overrides matplotlib's inline styles."""
    rules = [
        f'[style*="{kind}: {light}"]{{{kind}:{dark}!important}}'
        for light, dark in zip(LIGHT.colours(), DARK.colours(), strict=True)
        for kind in ("fill", "stroke")
    ]
    return f"<style>@media (prefers-color-scheme:dark){{{''.join(rules)}}}</style>\n "


def bare(axes: Axes) -> None:
    """Take ticks and their labels off a map whose coordinates do not matter."""
    axes.set_xticks([])
    axes.set_yticks([])
