"""The figures on confidence say what the networks found."""

from models.experiments.confidence import NETWORKS, STEPS
from tests.models.conftest import FigureOf, Run, value_of


def test_rows_on_the_blob_never_seen_are_the_shares(run: Run, figure: FigureOf) -> None:
    rows = figure("confidence", "unseen").table.rows
    names = (f"sure_on_unseen_share.{activation}.{blob}" for activation, blob in NETWORKS)
    assert [int(row[1]) for row in rows] == [run("confidence").share(name).count for name in names]


def test_the_farthest_places_are_those_of_the_findings(run: Run, figure: FigureOf) -> None:
    rows = figure("confidence", "away").table.rows
    for at, name in enumerate(("relu", "tanh", "sigmoid")):
        assert rows[3 * at][1] == f"{value_of(run('confidence'), f'confidence_near.{name}'):.4f}"
        assert rows[3 * at + 2][1] == f"{value_of(run('confidence'), f'confidence_away.{name}'):.4f}"


def test_gaps_in_the_table_are_those_of_the_findings(run: Run, figure: FigureOf) -> None:
    for row, steps in zip(figure("confidence", "calibration").table.rows, STEPS, strict=True):
        assert row[3] == f"{value_of(run('confidence'), f'calibration_gap.{steps}'):+.1%}"


def test_the_longest_trained_lie_below_the_line_where_they_are_surest(figure: FigureOf) -> None:
    rows = [row for row in figure("confidence", "reliability").table.rows if row[0] == "1,000 steps"]
    _, said, right, _ = rows[-1]
    assert float(right.rstrip("%")) < float(said.rstrip("%"))
