"""Figures drawn from a result: matplotlib ``Figure`` objects, never pyplot, for light and dark pages."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

    from models.figures.style import Palette


@dataclass(frozen=True)
class Table:
    """The numbers of a figure, for those who read rather than look."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Figure:
    """One figure of a run: how to draw it, and what it says in words and in numbers."""

    name: str
    title: str
    caption: str
    alternative: str  # What a screen reader says in its place, made from the same findings.
    table: Table
    draw: Callable[["Palette"], "Canvas"]
