"""Four activations on maps, and in words."""

import numpy as np

from models.labs import MARGIN
from tests.models.conftest import FigureOf, Run


def test_outputs_that_are_nearly_0_are_told_as_unsure(run: Run, figure: FigureOf) -> None:
    trained = run("activation").cohorts["xor.linear"]
    told = {row[:2]: row[2:] for row in figure("activation", "maps").table.rows}
    shown, share = told["XOR", "linear"]
    outputs = trained.network.forward(trained.parameters[:, [int(shown)]], trained.data.x)[-1]
    assert (share == "unsure") == (np.abs(outputs).max() < MARGIN)
    assert [told["XOR", name][1] for name in ("ReLU", "sigmoid", "tanh")] == ["100%"] * 3
