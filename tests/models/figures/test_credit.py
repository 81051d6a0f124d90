"""The figures of credit: the ledger's numbers are those of the chain rule, and the pushes are told for every neuron."""

import numpy as np
import pytest

from models.backpropagation import BackwardPass, backward_pass
from models.datasets import coffee
from tests.models.conftest import FigureOf, Run


@pytest.fixture(scope="module")
def first(run: Run) -> BackwardPass:
    """Return the backward pass of the run's first network."""
    main = run("credit").cohorts["main"]
    return backward_pass(main.network, main.parameters[:, :1], coffee.load())


def test_the_ledger_says_the_first_networks_numbers(first: BackwardPass, figure: FigureOf) -> None:
    ledger, roast = figure("credit", "ledger"), int(first.worst[0])
    assert f"roast {roast} " in ledger.alternative
    rows = {row[0]: [float(cell.replace("−", "-")) for cell in row[1:]] for row in ledger.table.rows}
    np.testing.assert_allclose(rows["its share: δⱼ = δ · v · slope"], first.deltas[roast, :, 0], atol=6e-3)
    x = coffee.load().x[roast]
    np.testing.assert_allclose(rows["for w₁: δⱼ · x₁"], first.gradients[roast, 0:3, 0], atol=6e-3)
    np.testing.assert_allclose(rows["for w₂: δⱼ · x₂"], first.deltas[roast, :, 0] * x[1], atol=6e-3)
    np.testing.assert_allclose(rows["for v: δ · a"], first.gradients[roast, 9:12, 0], atol=6e-3)


def test_the_pushes_are_told_for_every_neuron(first: BackwardPass, figure: FigureOf) -> None:
    pushes = figure("credit", "pushes")
    for neuron, row in enumerate(pushes.table.rows):
        above = (first.deltas[:, neuron, 0] > 0).mean()
        assert row[-1] == f"{above:.0%}"
        assert f"neuron {neuron + 1}: mean {row[1]}, " in pushes.alternative
