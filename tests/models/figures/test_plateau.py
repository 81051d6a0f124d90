"""The figures on standing still say what the networks found."""

import numpy as np

from models.experiments.plateau import ARMS, SMOOTH, looked_at
from models.readings import success
from tests.models.conftest import FigureOf, Run


def test_the_losses_are_told_by_what_became_of_the_networks(run: Run, figure: FigureOf) -> None:
    rows = iter(figure("plateau", "losses").table.rows)
    for name in ARMS:
        cohort = run("plateau").cohorts[name]
        reached = success(cohort)
        for (_, count, then, _), chosen in zip((next(rows), next(rows)), (reached, ~reached), strict=True):
            assert int(count) == chosen.sum()
            assert then == f"{np.median(cohort.history.loss[looked_at(cohort)][chosen]):.3g}"


def test_curvatures_stand_beside_who_gets_away(run: Run, figure: FigureOf) -> None:
    for row, name in zip(figure("plateau", "curvature").table.rows, SMOOTH, strict=True):
        assert int(row[1]) == run("plateau").share(f"still_share.{name}").count
        assert float(row[3]) == float(f"{run('plateau').quantity(f'least_curvature.{name}'):.2g}")
        left = run("plateau").share(f"left_later_share.{name}")
        assert row[4] == f"{left.count} of {left.of}"
