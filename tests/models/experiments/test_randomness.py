"""Randomness: the runs of a pair differ in one thing alone, and the findings are read off the pairs."""

from dataclasses import replace

import numpy as np
import pytest

from models import registry
from models.datasets import overlapping
from models.experiment import Result
from models.experiments.overfitting import others
from models.experiments.randomness import (
    BATCH,
    FAR,
    HELD_BACK,
    LEARNED,
    SOURCES,
    answers,
    differ,
    held_back,
    held_back_accuracy,
    learned,
    outcome,
    shuffled,
    split,
    spread,
    usual,
)
from models.plans import Cohort
from models.streams import Purpose
from tests.models.conftest import Run, value_of
from tests.trained import SEED


@pytest.fixture(scope="module")
def runs(run: Run) -> Result:
    return run("randomness")


def scored(cohort: Cohort, right: list[float]) -> Cohort:
    """Return the cohort as if its networks had these accuracies on the held-back points."""
    assert cohort.curves is not None
    last = cohort.curves.part(slice(len(right)), last=1)
    losses = np.where(np.isfinite(right), 0.5, np.nan)[None]
    return replace(cohort, curves=replace(last, held_back_accuracy=np.array([right]), held_back_loss=losses))


def test_every_source_is_reported_of_all_pairs(runs: Result) -> None:
    for source in SOURCES:
        assert runs.share(f"differ_share.{source}").of == 64
        assert runs.share(f"identical_share.{source}").of == 64
        for family in ("spread", "usual", "answers_differ"):
            assert value_of(runs, f"{family}.{source}") >= 0


def test_runs_that_share_everything_are_equal_to_the_last_bit(runs: Result) -> None:
    one, again = runs.cohorts["first"], runs.cohorts["again"]
    assert one.parameters.tobytes() == again.parameters.tobytes()
    assert runs.share("identical_share.none").count == 64
    assert value_of(runs, "spread.none") == 0
    for source in SOURCES.keys() - {"none", "rounding"}:
        assert runs.share(f"identical_share.{source}").count == 0


def test_summing_in_another_order_changes_bits_and_hardly_the_result(runs: Result) -> None:
    assert runs.share("identical_share.rounding").count < 32
    full, summed = runs.cohorts["full"], runs.cohorts["full.summed"]
    assert np.median(np.abs(full.parameters - summed.parameters)) < 1e-3
    assert value_of(runs, "spread.rounding") < value_of(runs, "spread.order")


def test_each_pair_differs_in_its_source_alone(runs: Result) -> None:
    cohorts = runs.cohorts
    for source in ("none", "rounding", "order", "dropout", "split"):
        one, other = (cohorts[name] for name in SOURCES[source][:2])
        np.testing.assert_array_equal(one.start, other.start)
    for source in ("start", "all"):
        one, other = (cohorts[name] for name in SOURCES[source][:2])
        assert not (one.start == other.start).all(axis=0).any()
    streams = {name: cohort.plan.indices(64)[0] for name, cohort in cohorts.items()}
    assert {name for name, first in streams.items() if first == FAR} == {"other_order", "other_dropout", "other_all"}
    for name in ("full", "full.summed", "dropout", "other_dropout"):
        assert cohorts[name].plan.mini_batch is None  # so that there is no order that could differ
    assert cohorts["first"].plan.mini_batch == BATCH


def test_a_split_deals_all_points_of_the_one_set(runs: Result) -> None:
    pool = overlapping.load(LEARNED + HELD_BACK)
    np.testing.assert_array_equal(np.concatenate([learned().x, held_back().x]), pool.x)
    mine, kept = (sampler.draw(SEED, np.arange(2)) for sampler in split())
    for network in range(2):
        dealt = np.concatenate([mine.x[..., network], kept.x[..., network]])
        assert sorted(dealt.tolist()) == sorted(pool.x.tolist())
    assert not np.array_equal(mine.x[..., 0], mine.x[..., 1])
    further = split(FAR)[0].draw(SEED, np.arange(2))
    np.testing.assert_array_equal(further.x, split()[0].draw(SEED, np.arange(FAR, FAR + 2)).x)
    assert len(runs.cohorts["split"].data.x) == LEARNED


def test_shuffled_rows_keep_their_targets() -> None:
    drawn = shuffled("rows", learned(), slice(None), Purpose.NOISE).draw(SEED, np.arange(1))
    known = {tuple(x): target for x, target in zip(learned().x.tolist(), learned().targets[:, 0], strict=True)}
    assert [known[tuple(x)] for x in drawn.x[..., 0].tolist()] == drawn.targets[:, 0, 0].tolist()


def test_spread_and_usual_difference_are_those_of_the_pairs(runs: Result) -> None:
    first = runs.cohorts["first"]
    cohorts = {"first": scored(first, [0.8, 0.8, 0.8, np.nan]), "other_start": scored(first, [0.82, 0.785, 0.8, 0.9])}
    assert spread("start", cohorts) == pytest.approx(np.sqrt((0.02**2 + 0.015**2) / 3 / 2))
    assert usual("start", cohorts) == pytest.approx(np.percentile([0.02, 0.015, 0], 90))
    assert differ("start", cohorts).tolist() == [True, False, False, False]
    diverged = {name: scored(first, [np.nan]) for name in ("first", "other_start")}
    assert np.isnan(spread("start", diverged))
    assert np.isnan(usual("start", diverged))


def test_accuracy_and_answers_are_those_of_the_networks(runs: Result) -> None:
    cohort = runs.cohorts["first"]
    outputs = cohort.network.forward(cohort.parameters[:, [7]], held_back().x)[-1][:, 0, 0]
    assert held_back_accuracy(cohort)[7] == pytest.approx(((outputs > 0) == held_back().labels).mean())
    one, other = answers(cohort), answers(runs.cohorts["other_start"])
    assert one.shape == (len(others().x), 64)
    assert value_of(runs, "answers_differ.start") == pytest.approx(np.median((one != other).mean(axis=0)))


def test_networks_are_grouped_by_their_held_back_accuracy(runs: Result) -> None:
    for right, words in zip(held_back_accuracy(runs.cohorts["first"]), outcome(runs.cohorts["first"]), strict=True):
        low, high = int(words.split()[0]), int(words.split()[3])
        assert low - 1e-4 <= 100 * right < high
        assert words.endswith("% of the held-back points right")


def test_the_split_moves_a_result_more_than_start_and_order(runs: Result) -> None:
    assert value_of(runs, "spread.split") > 1.3 * value_of(runs, "spread.start") > value_of(runs, "spread.order")


def test_networks_that_can_be_watched_learn_the_same_points(runs: Result) -> None:
    watched = registry.find("randomness").watched(runs)
    assert list(watched) == ["first", "other_order", "other_start", "dropout"]
    assert all(runs.cohorts[name].data is learned() for name in watched)
