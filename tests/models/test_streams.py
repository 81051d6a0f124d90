"""Random streams: every network and purpose draws from its own, and the same today as at the first run."""

import numpy as np
import pytest

from models.streams import SEED_LIMIT, Purpose, stream, streams


def test_purposes_keep_their_numbers_so_that_old_runs_can_be_repeated() -> None:
    assert {purpose.name: purpose.value for purpose in Purpose} == {
        "WEIGHTS": 0,
        "ORDER": 1,
        "DROPOUT": 2,
        "CONSTANTS": 3,
        "NOISE": 4,
        "EXAMPLES": 5,
        "HELD_BACK": 6,
        "LABELS": 7,
    }


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize(("seed", "network"), [(0, 0), (0, 999), (7, 3), (SEED_LIMIT - 1, 1)])
def test_stream_is_the_documented_seed_sequence(seed: int, network: int, purpose: Purpose) -> None:
    expected = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(network, int(purpose))))
    assert np.array_equal(stream(seed, network, purpose).random(8), expected.random(8))


def test_no_two_of_seed_network_and_purpose_share_a_stream() -> None:
    firsts = {
        stream(seed, network, purpose).integers(2**63)
        for seed in range(10)
        for network in range(10)
        for purpose in Purpose
    }
    assert len(firsts) == 10 * 10 * len(Purpose)


def test_a_stream_does_not_depend_on_what_others_have_drawn() -> None:
    first, second = streams(3, [0, 1], Purpose.WEIGHTS)
    first.random(1_000)
    assert np.array_equal(second.random(8), stream(3, 1, Purpose.WEIGHTS).random(8))


def test_streams_follow_the_given_networks_in_their_order() -> None:
    found = [each.random() for each in streams(3, np.array([8, 2, 5]), Purpose.ORDER)]
    assert found == [stream(3, network, Purpose.ORDER).random() for network in (8, 2, 5)]


def test_neighbouring_streams_are_uncorrelated() -> None:
    draws = np.stack([each.random(2_000) for each in streams(0, range(20), Purpose.NOISE)])
    correlations = np.atleast_2d(np.corrcoef(draws))[np.triu_indices(20, 1)]
    assert np.abs(correlations).max() < 5 / np.sqrt(2_000)
