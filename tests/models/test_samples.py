"""Examples of each network's own: the same whoever is drawn beside it, and changed in the way that is asked for."""

from dataclasses import replace

import numpy as np
import pytest

from models.datasets import Dataset, blobs, moons, overlapping
from models.samples import Examples, OwnData, Sampler
from models.streams import Purpose

CLOUDS = Sampler.each("clouds", 20, overlapping.sample)
BLOBS = Sampler.shared("blobs", blobs.load())
FEW = np.arange(3)


@pytest.mark.parametrize("sampler", [CLOUDS, Sampler.each("moons", 9, moons.sample), CLOUDS.flipped(0.3, "noisy")])
def test_a_networks_examples_do_not_depend_on_who_is_drawn_beside_it(sampler: Sampler) -> None:
    every = sampler.draw(4, np.arange(5))
    alone = sampler.draw(4, np.array([3]))
    assert every.x.shape == (sampler.rows, 2, 5)
    assert every.targets.shape == (sampler.rows, 1, 5)
    assert every.weights.shape == (sampler.rows, 5)
    np.testing.assert_array_equal(every.x[..., 3], alone.x[..., 0])
    np.testing.assert_array_equal(every.targets[..., 3], alone.targets[..., 0])


def test_networks_seeds_and_purposes_have_different_samples() -> None:
    held_back = Sampler.each("clouds", 20, overlapping.sample, Purpose.HELD_BACK)
    drawn = [CLOUDS.draw(4, FEW).x, CLOUDS.draw(5, FEW).x, held_back.draw(4, FEW).x]
    columns = np.concatenate(drawn, axis=-1).reshape(-1, 9)
    assert len(np.unique(columns, axis=1).T) == 9


def test_shared_examples_are_the_datas_for_every_network() -> None:
    drawn = BLOBS.draw(1, FEW)
    for column in FEW:
        np.testing.assert_array_equal(drawn.x[..., column], blobs.load().x)
        np.testing.assert_array_equal(drawn.targets[..., column], blobs.load().targets)
        np.testing.assert_array_equal(drawn.labels[:, column], blobs.load().labels)
    assert (drawn.weights == 1).all()


def test_the_first_points_have_a_weight_and_the_rest_none() -> None:
    drawn = CLOUDS.first(6, "six").draw(1, FEW)
    assert drawn.weights[:, 0].tolist() == [1] * 6 + [0] * 14
    np.testing.assert_array_equal(drawn.x, CLOUDS.draw(1, FEW).x)


@pytest.mark.parametrize("points", [0, 21])
def test_more_points_than_there_are_are_refused(points: int) -> None:
    with pytest.raises(ValueError, match=f"from 1 to the 20 rows of the sample, not {points}"):
        CLOUDS.first(points, "too many")


@pytest.mark.parametrize(("sampler", "share"), [(CLOUDS, 0.25), (BLOBS, 0.1), (BLOBS, 0.0), (CLOUDS, 1.0)])
def test_so_many_labels_are_flipped_to_another_class_and_each_networks_own(sampler: Sampler, share: float) -> None:
    clean, noisy = sampler.draw(1, FEW), sampler.flipped(share, "noisy").draw(1, FEW)
    wrong = clean.labels != noisy.labels  # (rows, networks)
    assert wrong.sum(axis=0).tolist() == [round(share * sampler.rows)] * 3
    assert set(np.unique(noisy.targets)) == {0, 1}
    if 0 < share < 1:
        assert len(np.unique(wrong, axis=1).T) == 3
    if noisy.targets.shape[1] > 1:
        assert (noisy.targets.sum(axis=1) == 1).all()


def test_class_weights_multiply_the_weights_of_their_rows() -> None:
    drawn = CLOUDS.first(4, "four").weighted({1: 2.5}, "weighted").draw(1, FEW)
    assert drawn.labels[:4, 0].tolist() == [0, 1, 0, 1]
    assert drawn.weights[:6, 0].tolist() == [1, 2.5, 1, 2.5, 0, 0]


@pytest.mark.parametrize("weight", [-1.0, np.inf, np.nan])
def test_class_weights_below_0_or_not_finite_are_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="class weights must be 0 or more"):
        CLOUDS.weighted({0: weight}, "wrong")


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_of_labels_that_is_no_share_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        CLOUDS.flipped(share, "wrong")


def test_own_data_says_both_how_many_are_held_back_and_how_they_are_drawn() -> None:
    with pytest.raises(ValueError, match="held back"):
        OwnData(20, lambda _: CLOUDS.draw(1, FEW), held_back_examples=5)


def test_examples_stand_beside_each_other_in_their_order() -> None:
    both = Examples.beside([CLOUDS.draw(1, np.array([2])), CLOUDS.draw(1, np.array([0]))])
    np.testing.assert_array_equal(both.x, CLOUDS.draw(1, np.array([2, 0])).x)


def test_a_sampler_gives_what_its_function_draws() -> None:
    def one(generator: np.random.Generator, points: int) -> Dataset:
        data = overlapping.sample(generator, points)
        return replace(data, x=np.full_like(data.x, generator.random()))

    drawn = Sampler.each("one number", 5, one).draw(0, FEW)
    assert (drawn.x == drawn.x[0, 0]).all()
    assert len(set(drawn.x[0, 0].tolist())) == 3
