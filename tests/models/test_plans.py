"""Plans as data, and what is done once for several of them."""

from dataclasses import replace

import numpy as np

from models.labs.blobs import BLOBS
from models.network import Network
from models.plans import Floats, Integers, Plan, Start, train_plans


def test_plans_with_one_start_draw_it_once_and_begin_alike() -> None:
    drawn: list[int] = []

    def draw(network: Network, seed: int, members: Integers) -> Floats:
        drawn.append(seed)
        return np.full((network.size, members.size), len(drawn), np.float32)

    plan = Plan("one", BLOBS, Start("counted", draw), steps=0)
    others = [replace(plan, name="two"), replace(plan, name="few", members=[4, 2])]
    cohorts = train_plans([plan, *others], networks=3, seed=8, progress=lambda _: None)
    assert drawn == [8, 8]
    np.testing.assert_array_equal(cohorts["one"].start, cohorts["two"].start)
    assert cohorts["few"].start.shape[1] == 2


def test_the_words_of_a_batch_tell_what_is_dropped() -> None:
    plan = Plan("main", BLOBS, Start.by("glorot_uniform"), steps=1)
    assert plan.batch_words == replace(plan, batch=100).batch_words == "full batch"
    assert replace(plan, batch=32, dropout=0.5).batch_words == "shuffled mini-batches of 32, dropout 0.5"
