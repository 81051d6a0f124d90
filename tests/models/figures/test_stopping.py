"""Stopping: the tables of the figures say what the findings say."""

from models.experiments.stopping import DRAWN, PATIENCES
from tests.models.conftest import FigureOf, Run, value_of


def test_patience_table_has_the_means_and_counts_of_the_findings(run: Run, figure: FigureOf) -> None:
    result = run("stopping")
    for patience, row in zip(PATIENCES, figure("stopping", "patience").table.rows, strict=True):
        means = (value_of(result, f"{name}.{patience}") for name in ("lost", "lost_last"))
        assert row == (
            f"{patience}",
            *(f"{mean:.3g}" for mean in means),
            result.share(f"too_soon_share.{patience}").words,
        )


def test_medians_in_the_tables_are_those_of_the_findings(run: Run, figure: FigureOf) -> None:
    result = run("stopping")
    for rule, row in zip(DRAWN, figure("stopping", "new").table.rows, strict=True):
        assert row[1] == f"{value_of(result, f'new_loss.{rule}'):.3f}"
    for ending, row in zip(("", ".same", ".slow"), figure("stopping", "epochs").table.rows, strict=True):
        found = (value_of(result, f"minimum_step.{which}{ending}") for which in ("median", "low", "high"))
        assert row[1:] == tuple(f"{value:.3g}" for value in found)


def test_three_networks_stand_out_in_the_order_of_their_best_epochs(figure: FigureOf) -> None:
    rows = figure("stopping", "curves").table.rows
    epochs = [int(row[1]) for row in rows]
    assert len(rows) == 3
    assert epochs == sorted(epochs)
