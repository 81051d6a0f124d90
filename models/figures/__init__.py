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

    def words(self) -> str:
        """Return the table as sentences: what each row is about, and then what each further column says of it."""
        return " ".join(f"{row[0]}: {', '.join(self._cell(*cell) for cell in self._cells(row))}." for row in self.rows)

    def _cells(self, row: tuple[str, ...]) -> list[tuple[str, str]]:
        return list(zip(self.columns[1:], row[1:], strict=True))

    def _cell(self, column: str, value: str) -> str:
        return value if len(self.columns) == 2 else f"{column} {value}"


@dataclass(frozen=True)
class Figure:
    """One figure of a run: how to draw it, and what it says in words and in numbers.

    ``alternative`` is what a screen reader says in its place: title and table, unless the figure says more.
    """

    name: str
    title: str
    caption: str
    table: Table
    draw: Callable[["Palette"], "Canvas"]
    alternative: str = ""

    def __post_init__(self) -> None:
        if not self.alternative:
            object.__setattr__(self, "alternative", f"{self.title}. {self.table.words()}")
