"""Starts with zero and with random biases in words."""

from models.experiments.bias import STARTS
from tests.models.conftest import FigureOf, Run


def test_words_count_the_networks_that_succeed_from_every_start(run: Run, figure: FigureOf) -> None:
    found, result = figure("bias", "starts"), run("bias")
    for name, title in STARTS.items():
        share = result.share(f"success.{name}")
        assert f"{title}: {share.count} of 64" in found.alternative
    assert found.caption.endswith("constant weights, zero biases; constant weights, random output biases only.")


def test_films_begin_at_the_start_and_end_at_the_end(run: Run, figure: FigureOf) -> None:
    found, result = figure("bias", "films"), run("bias")
    assert found.table.columns[1::7] == ("right at step 0", "right at step 800")
    for title, *shares in found.table.rows:
        name = next(key for key, words in STARTS.items() if words == title)
        cohort = result.cohorts[name]
        ends = cohort.network.accuracy(cohort.parameters[:, :1], cohort.data.x, cohort.data.labels)
        assert shares[-1] == f"{ends[0]:.0%}"
