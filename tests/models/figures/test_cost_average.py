"""The figures of averages: batches, losses and shares in words, as the run found them."""

import pytest

from models.experiments.cost_average import batch_means, pulls_at_start
from tests.models.conftest import FigureOf, Run, value_of


def test_pulls_are_told_by_their_distance_from_the_mean(run: Run, figure: FigureOf) -> None:
    pulls = figure("cost-average", "pulls")
    assert [row[:2] for row in pulls.table.rows] == [
        ("1 example", "100"),
        ("8 examples", "12"),
        ("32 examples", "3"),
        ("all examples", "1"),
    ]
    gradients = pulls_at_start(run("cost-average").cohorts["mean.adam"])[:, [0, 2], 0]  # of neuron 1's two weights
    for size, row in zip((1, 8, 32, 100), pulls.table.rows, strict=True):
        strays = batch_means(gradients, size) - gradients.mean(axis=0)
        assert float(row[2]) == pytest.approx((strays**2).sum(axis=1).mean() ** 0.5, rel=5e-3, abs=1e-6)


def test_both_clocks_end_at_the_losses_that_were_found(run: Run, figure: FigureOf) -> None:
    clocks = figure("cost-average", "clocks")
    names = [f"loss.same_{clock}.{size}" for clock in ("epochs", "steps") for size in ("1", "8", "32", "all")]
    assert [float(row[2]) for row in clocks.table.rows] == pytest.approx(
        [value_of(run("cost-average"), name) for name in names], rel=5e-3
    )
    assert [row[1] for row in clocks.table.rows] == ["20 epochs"] * 4 + ["400 steps"] * 4


def test_words_count_the_networks_of_every_training(run: Run, figure: FigureOf) -> None:
    sums = figure("cost-average", "sum")
    assert len(sums.table.rows) == 5
    for name in ("same_steps.all", "sum.same_rate", "sum.small_rate", "mean.adam", "sum.adam"):
        share = run("cost-average").share(f"success.{name}")
        assert f"{share.count} of {share.of}" in sums.alternative
