"""Network k of a seed ends the same to the last bit, whatever it is trained among, in, or with.

The dropout masks are here too: they come from a hash, so that a network's masks depend on its own key alone, and must
look like independent coin tosses all the same.
"""

import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf

from models import ensemble, equations, orders
from models.datasets import blobs
from models.ensemble import Optimizer
from models.history import Recording, Trained
from models.initializers import start
from models.network import Network
from models.program import MARKS

pytestmark = pytest.mark.slow

NETWORK = Network((2, 3, 4), "relu", "softmax_crossentropy")
STEPS = 60
WAYS: dict[str, dict[str, Any]] = {
    "full batch": {},
    "mini-batches": {"batch_size": 32},
    "dropout": {"dropout": 0.2},
    "mini-batches and dropout": {"batch_size": 32, "dropout": 0.2},
}
Train = Callable[..., Trained]


@pytest.fixture(scope="module", params=WAYS)
def train(request: pytest.FixtureRequest) -> Train:
    """Return a function that trains members of the ensemble of seed 4 in one of the ways."""

    def trained(networks: Any, *, seed: int = 4, steps: int = STEPS, **settings: Any) -> Trained:
        starts = start(NETWORK, "glorot_uniform", seed=4, members=networks)
        given = {**WAYS[request.param], **settings}
        return ensemble.train(
            NETWORK, starts, blobs.load(), Optimizer("adam"), steps=steps, seed=seed, members=networks, **given
        )

    return trained


@pytest.fixture(scope="module")
def thousand(train: Train) -> Trained:
    """Return networks 0 to 999."""
    return train(range(1_000))


@pytest.mark.parametrize("member", [0, 7, 63, 64, 999])
def test_a_network_is_the_same_alone_as_among_a_thousand(train: Train, thousand: Trained, member: int) -> None:
    alone = train([member])
    assert np.array_equal(alone.parameters[:, 0], thousand.parameters[:, member])
    assert alone.loss[0] == thousand.loss[member]
    assert not np.array_equal(alone.parameters, alone.start)


def test_ten_networks_in_any_order_are_the_same_as_among_a_thousand(train: Train, thousand: Trained) -> None:
    members = [999, 0, 64, 3, 128, 500, 63, 65, 1, 7]
    among = train(members)
    assert np.array_equal(among.parameters, thousand.parameters[:, members])
    assert np.array_equal(among.loss, thousand.loss[members])


@pytest.mark.parametrize("threads", [1, 4])
def test_the_number_of_threads_changes_nothing(train: Train, thousand: Trained, threads: int) -> None:
    again = train(range(300), threads=threads)
    assert np.array_equal(again.parameters, thousand.parameters[:, :300])
    assert np.array_equal(again.loss, thousand.loss[:300])


def test_recording_every_step_changes_nothing(train: Train, thousand: Trained) -> None:
    recording = Recording(tuple(range(STEPS + 1)), (0, 69))
    recorded = train(range(70), recording=recording)
    assert np.array_equal(recorded.parameters, thousand.parameters[:, :70])
    assert np.array_equal(recorded.loss, thousand.loss[:70])
    # The record is itself what shorter trainings end with.
    short = train([69], steps=23)
    assert np.array_equal(recorded.history.parameters[23, :, 1], short.parameters[:, 0])
    assert recorded.history.loss[23, 1] == short.loss[0]


def test_cutting_a_long_training_changes_nothing(train: Train) -> None:
    # 600 steps take three chunks of orders; the marks lie on and around the seam of the first two.
    marks = (1, 255, 256, 257, 513)
    whole = train(range(5), steps=600)
    cut = train(range(5), steps=600, recording=Recording(marks, (2, 4)))
    assert np.array_equal(whole.parameters, cut.parameters)
    assert np.array_equal(whole.loss, cut.loss)
    for steps in (255, 256, 257):
        short = train([2, 4], steps=steps)
        assert np.array_equal(cut.history.parameters[marks.index(steps)], short.parameters)


def test_more_steps_can_be_kept_than_one_call_keeps(train: Train) -> None:
    marks = tuple(range(3 * MARKS))
    every = train(range(5), steps=600, recording=Recording(marks, (2, 4)))
    assert np.array_equal(every.parameters, train(range(5), steps=600).parameters)
    seams = MARKS - 1, MARKS, MARKS + 1
    some = train(range(5), steps=600, recording=Recording(seams, (2, 4)))
    assert np.array_equal(every.history.parameters[list(seams)], some.history.parameters)
    assert np.array_equal(every.history.loss[list(seams)], some.history.loss)


@pytest.mark.parametrize(
    ("marks", "every", "found"),
    [
        ({0}, 10, [[0]]),
        ({7}, 10, [[7]]),
        ({0, 10, 11, 25}, 10, [[0, 10], [11, 20], [25]]),
        (set(range(MARKS + 2)), 1_000, [list(range(MARKS)), [MARKS, MARKS + 1]]),
    ],
)
def test_calls_end_where_orders_end_and_where_no_more_can_be_kept(
    marks: set[int], every: int, found: list[list[int]]
) -> None:
    assert list(orders.segments(marks, every)) == found


def test_full_batch_training_longer_than_a_segment_is_the_same_cut_elsewhere() -> None:
    starts = start(NETWORK, "glorot_uniform", seed=4, members=range(3))
    steps = 2 * orders.LONGEST_SEGMENT + 100
    recording = Recording((orders.LONGEST_SEGMENT - 1, orders.LONGEST_SEGMENT + 1), (0,))
    whole, cut = (
        ensemble.train(NETWORK, starts, blobs.load(), Optimizer("adam"), steps=steps, recording=each)
        for each in (None, recording)
    )
    assert np.array_equal(whole.parameters, cut.parameters)
    # The parts of the training end where one with so few steps ends, so no step is left out or done twice.
    short = ensemble.train(NETWORK, starts[:, :1], blobs.load(), Optimizer("adam"), steps=recording.steps[1])
    assert np.array_equal(cut.history.parameters[1], short.parameters)


def test_the_same_call_gives_the_same_again(train: Train, thousand: Trained) -> None:
    assert np.array_equal(train(range(1_000)).parameters, thousand.parameters)


@pytest.mark.parametrize("way", WAYS)
def test_members_and_seeds_differ_exactly_where_something_is_random(way: str) -> None:
    starts = np.repeat(start(NETWORK, "glorot_uniform", seed=4, members=[0]), 70, axis=1)
    trained, other = (
        ensemble.train(NETWORK, starts, blobs.load(), Optimizer("adam"), steps=STEPS, seed=seed, **WAYS[way])
        for seed in (4, 5)
    )
    together = np.concatenate((trained.parameters, other.parameters), axis=1)
    # On the full batch the start decides all, in whichever column of whichever block a network stands.
    assert len(np.unique(together, axis=1).T) == (1 if way == "full batch" else 140)


def test_another_process_gives_the_same_bits() -> None:
    program = """
from hashlib import sha256
from models import ensemble, initializers
from models.datasets import blobs
from models.network import Network
network = Network((2, 3, 4), "relu", "softmax_crossentropy")
start = initializers.start(network, "glorot_uniform", seed=4, members=range(70))
for way in ({}, {"batch_size": 32, "dropout": 0.2}):
    found = ensemble.train(network, start, blobs.load(), ensemble.Optimizer("adam"), steps=60, seed=4, threads=2, **way)
    print(sha256(found.parameters.tobytes()).hexdigest())
"""
    root = Path(__file__).parents[2]
    found = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    starts = start(NETWORK, "glorot_uniform", seed=4, members=range(70))
    here = [
        ensemble.train(NETWORK, starts, blobs.load(), Optimizer("adam"), steps=STEPS, seed=4, **WAYS[way]).parameters
        for way in ("full batch", "mini-batches and dropout")
    ]
    assert found.stdout.split() == [sha256(parameters.tobytes()).hexdigest() for parameters in here]


MASKED = Network((2, 6, 6, 1), "relu", "binary_crossentropy")
RATE = 0.3


@pytest.fixture(scope="module")
def masks() -> npt.NDArray[np.float32]:
    """Return dropout masks (steps, layers, rows, units, networks) of 40 steps, 50 rows and 8 networks."""
    keys = tf.constant(ensemble._keys(1, np.arange(8)))
    drawn = [equations.dropout_masks(MASKED, keys, tf.constant(RATE), tf.constant(step), 50) for step in range(40)]
    return np.array([[layer.numpy() for layer in layers] for layers in drawn])


def test_masks_are_zero_or_the_inverse_of_the_kept_share(masks: npt.NDArray[np.float32]) -> None:
    assert np.unique(masks) == pytest.approx([0, 1 / (1 - RATE)], rel=1e-6)


@pytest.mark.parametrize("axis", [None, 0, 1, 2, 3, 4], ids=["all", "step", "layer", "row", "unit", "network"])
def test_masks_keep_the_share_that_coin_tosses_keep(masks: npt.NDArray[np.float32], axis: int | None) -> None:
    kept = masks > 0
    shares = kept.mean(axis=tuple(each for each in range(kept.ndim) if each != axis))
    tosses = kept.size // np.size(shares)
    # Of a hundred shares of coin tosses, one leaves five standard deviations once in 17,000 draws.
    assert np.abs(shares - (1 - RATE)).max() < 5 * np.sqrt(RATE * (1 - RATE) / tosses)


@pytest.mark.parametrize("axis", range(5), ids=["step", "layer", "row", "unit", "network"])
def test_masks_of_different_places_are_uncorrelated(masks: npt.NDArray[np.float32], axis: int) -> None:
    kept = np.moveaxis(masks > 0, axis, 0).reshape(masks.shape[axis], -1).astype(np.float64)
    correlations = np.atleast_2d(np.corrcoef(kept))[np.triu_indices(len(kept), 1)]
    assert np.abs(correlations).max() < 5.5 / np.sqrt(kept.shape[1])


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_masks_of_every_rate_drop_their_share(rate: float) -> None:
    keys = tf.constant(ensemble._keys(2, np.arange(64)))
    layers = equations.dropout_masks(MASKED, keys, tf.constant(rate), tf.constant(17), 500)
    kept = np.concatenate([layer.numpy().ravel() for layer in layers]) > 0
    assert abs(kept.mean() - (1 - rate)) < 4.5 * np.sqrt(rate * (1 - rate) / kept.size)


def test_masks_of_a_network_do_not_depend_on_rows_or_neighbours(masks: npt.NDArray[np.float32]) -> None:
    keys = tf.constant(ensemble._keys(1, np.array([5])))
    alone = equations.dropout_masks(MASKED, keys, tf.constant(RATE), tf.constant(9), 20)
    for layer in range(2):
        assert np.array_equal(alone[layer].numpy()[..., 0], masks[9, layer, :20, :, 5])


def test_every_seed_and_network_has_a_mask_key_of_its_own() -> None:
    keys = np.concatenate([ensemble._keys(seed, np.arange(20)) for seed in range(20)], axis=1)
    assert len(np.unique(keys, axis=1).T) == 400
