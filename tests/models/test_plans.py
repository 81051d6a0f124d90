"""Plans as data, and what is done once for several of them."""

from dataclasses import replace

import numpy as np

from models.ensemble import Optimizer
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


def test_a_mini_batch_of_all_examples_trains_with_the_full_batch() -> None:
    full = Plan("full", BLOBS, Start.by("glorot_uniform"), 20, Optimizer("sgd", 0.1))
    plans = [
        full,
        replace(full, name="all", batch=100, optimizer=Optimizer("sgd", 0.01)),
        replace(full, name="more", batch=101),
        replace(full, name="few", batch=32),
    ]
    assert [plan.mini_batch for plan in plans] == [None, None, None, 32]
    cohorts = train_plans(plans, networks=3, seed=7, progress=lambda _: None)
    timings = [cohorts[plan.name].timing for plan in plans]  # one for each ensemble
    assert [timing is timings[0] for timing in timings] == [True, True, True, False]
    np.testing.assert_array_equal(cohorts["full"].parameters, cohorts["more"].parameters)
    assert (cohorts["full"].parameters != cohorts["few"].parameters).any()
