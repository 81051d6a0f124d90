"""Which biases matter: the figures say what the run found."""

from models.readings import success
from tests.models.conftest import FigureOf, Run


def test_the_shares_are_the_findings(run: Run, figure: FigureOf) -> None:
    result, table = run("which-biases"), figure("which-biases", "held").table
    names = ("free", "hidden_held", "output_held", "both_held")
    assert [int(row[1]) for row in table.rows] == [result.share(f"success.{name}").count for name in names]


def test_the_maps_count_who_gets_there(run: Run, figure: FigureOf) -> None:
    free = success(run("which-biases").cohorts["free"])[:8]
    assert f"no biases held: {free.sum()} get there" in figure("which-biases", "maps").alternative
