"""How networks are spread: their middle as a band over places, or each as a dot in a strip."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from models.figures.style import DASHES, MARKERS, Palette
from models.figures.sweeps import BAND

Floats = npt.NDArray[np.floating]


def draw_band(
    axes: Axes,
    palette: Palette,
    index: int,
    places: Sequence[float] | npt.NDArray[np.number],
    values: Sequence[Floats] | Floats,
    label: str,
    *,
    marked: bool = False,
    filled: bool = True,
) -> None:
    """Draw the medians of values (networks,) at each of ``places``, and between which values the middle 80 % lie.

    What is not finite is left out. ``index`` chooses colour, dashes and, where places are ``marked``, the marker.
    """
    known = [each[np.isfinite(each)] for each in values]
    parts = [np.percentile(each, (BAND[0], 50, BAND[1])) if each.size else np.full(3, np.nan) for each in known]
    low, middle, high = np.array(parts).T
    colour, marker = palette.neurons[index], MARKERS[index] if marked else ""
    if filled:
        axes.fill_between(places, low, high, color=colour, alpha=0.18, linewidth=0)
    axes.plot(places, middle, color=colour, linestyle=DASHES[index], marker=marker, ms=5, linewidth=2, label=label)


def draw_strip(
    axes: Axes,
    palette: Palette,
    at: int,
    words: str,
    values: Floats,
    frame: tuple[float, float],
    *,
    told: str = "",
    median: bool = False,
) -> None:
    """Draw a dot for each value (networks,) at the height ``at``, with words above it, and ``told`` at the right.

    Dots beyond the frame stand at its edge; what is not finite is left out. With ``median``, the median is marked.
    """
    left, right = frame
    drawn = values[np.isfinite(values)].clip(left, right)
    heights = at + 0.12 * np.sin(2.4 * np.arange(drawn.size))  # so that dots stand apart
    axes.scatter(drawn, heights, s=9, color=palette.neurons[0], alpha=0.55, linewidths=0)
    if median and drawn.size:
        axes.vlines(float(np.median(drawn)), at - 0.2, at + 0.2, color=palette.accent, linewidth=2)
    axes.text(left, at - 0.25, words, va="bottom")
    axes.text(right, at - 0.25, told, va="bottom", ha="right", color=palette.muted)


def dress_strips(axes: Axes, strips: int, frame: tuple[float, float]) -> None:
    """Give so many strips room, the first on top."""
    left, right = frame
    margin = 0.015 * (right - left)
    axes.set_ylim(strips - 0.7, -0.75)
    axes.set_xlim(left - margin, right + margin)
    axes.set_yticks([])
