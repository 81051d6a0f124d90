"""The figures on depth say what the networks found."""

import numpy as np

from models.experiments.depth import USED, WIDTHS, layer_sizes
from tests.models.conftest import FigureOf, Run


def test_successes_stand_by_depth_and_activation(run: Run, figure: FigureOf) -> None:
    rows = figure("depth", "success").table.rows
    assert [row[0] for row in rows] == [f"{layers} of {width}" for layers, width in WIDTHS.items()]
    for row, layers in zip(rows, WIDTHS, strict=True):
        counts = [int(cell.split()[0]) for cell in row[1:]]
        assert counts == [run("depth").share(f"success.{layers}.{name}").count for name in USED]


def test_gradients_are_medians_of_the_networks_that_are_not_cut(run: Run, figure: FigureOf) -> None:
    for (_, first, _, last), name in zip(figure("depth", "sizes").table.rows, USED, strict=True):
        sizes = layer_sizes(run("depth").cohorts[f"8.{name}"])
        through = sizes[:, sizes[0] > 0]
        assert (first, last) == tuple(f"{np.median(through[at]):.2g}" for at in (0, -1))


def test_more_steps_and_more_width_stand_beside_the_usual(run: Run, figure: FigureOf) -> None:
    rows = {row[0]: int(row[1]) for row in figure("depth", "longer").table.rows}
    assert len(rows) == 5
    assert rows["ReLU, twice as wide"] == run("depth").share("success_wide.8.relu").count
    assert rows["sigmoid, three times the steps"] == run("depth").share("success_long.8.sigmoid").count
