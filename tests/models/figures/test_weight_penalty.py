"""The figures on the penalty say what the networks found."""

from models.experiments.weight_penalty import LAMBDAS
from tests.models.conftest import FigureOf, Run, value_of


def test_each_row_holds_the_medians_of_its_lambda(run: Run, figure: FigureOf) -> None:
    result = run("weight-penalty")
    rows = figure("weight-penalty", "loss").table.rows
    for name, row in zip(LAMBDAS, rows, strict=True):
        found = (value_of(result, f"{what}.{name}") for what in ("train_loss", "held_back_loss"))
        assert row == (name, *(f"{each:.3g}" for each in found))
    assert figure("weight-penalty", "accuracy").table.rows[0][2] == f"{value_of(result, 'accuracy.0'):.1%}"


def test_a_constant_output_has_no_bend(figure: FigureOf) -> None:
    rows = figure("weight-penalty", "size").table.rows
    assert rows[-1][2] == "none"
    assert float(rows[0][1]) > float(rows[-1][1])
