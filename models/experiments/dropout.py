"""Ask what dropout does when a network predicts, why what is kept is divided, and whether dropout helps.

Networks learn 20 or 100 points of two clouds that overlap, with dropout and without, and two neurons learn the four
blobs. Then those that learned 100 points with dropout predict new points in four ways: as a whole; with dropout left
on; averaged over all passes with dropout; and with sums as large as if what was kept had never been divided.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import final

import numpy as np
from pydantic import Field

from models.curve_readings import curves, end_loss, least_loss, rise
from models.ensemble import Optimizer
from models.experiment import Experiment, Hyperparameters, RandomStart, Rate, Result
from models.experiments.learning_curve import CLEAR, NEAR, near, true_accuracy
from models.experiments.overfitting import EVERY, HELD_BACK, KEPT, OTHERS, RISEN, others, own, risen, same
from models.figures import Figure
from models.figures.dropout import curve_figure, mean_figure, predicting_figure, success_figure
from models.labs import Lab
from models.labs.blobs import BLOBS
from models.labs.overlapping import OVERLAPPING
from models.measures import Cohorts, Family, Measure, each, median, of, percent, share, whole
from models.passes import WAYS, Passes
from models.plans import RECORDED, Cohort, Plan, Start, reading
from models.readings import Booleans, Floats, accuracy, finite, success
from models.replay import Moment, Replay
from models.samples import Sampler
from models.wordings import Dropout as DropoutShare
from models.wordings import FullBatchSteps

POINTS = (20, 100)
PREDICTING = "dropout.100"  # the cohort that predicts in several ways


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: FullBatchSteps = Field(800, ge=1, le=2_000, description="full-batch training steps")
    rate: Rate = 0.01
    dropout: DropoutShare = Field(0.5, ge=0.05, le=0.9)
    initializer: RandomStart = "glorot_uniform"


@reading
def passes(cohort: Cohort) -> Passes:
    """Let a cohort predict points that no network learns."""
    return Passes.of(cohort, others())


def gained(cohorts: Mapping[str, Cohort], points: int) -> Floats:
    """Return how much accuracy on all points each network (networks,) has more with dropout than without."""
    return np.asarray(true_accuracy(cohorts[f"dropout.{points}"]) - true_accuracy(cohorts[f"plain.{points}"]))


def stopped(points: int, cohorts: Cohorts) -> Booleans:
    """Say which plain networks had, at their best step, no more held-back loss than those with dropout at the end."""
    return np.asarray(least_loss(cohorts[f"plain.{points}"]) <= end_loss(cohorts[f"dropout.{points}"]))


def both_stopped(points: int, cohorts: Cohorts) -> Booleans:
    """Say which plain networks had, at their best step, no more held-back loss than those with dropout at theirs."""
    return np.asarray(least_loss(cohorts[f"plain.{points}"]) <= least_loss(cohorts[f"dropout.{points}"]))


def compared(points: int) -> tuple[Measure, ...]:
    """Return how each network's training with dropout compares with that without, from the same start and points."""
    words = f"with dropout than without; {points} points"
    return whole(
        share(
            f"better_share.{points}",
            f"networks that get at least {percent(CLEAR)} more of all points right {words}",
            lambda cohorts: gained(cohorts, points) >= CLEAR,
        ),
        share(
            f"worse_share.{points}",
            f"networks that get at least {percent(CLEAR)} fewer of all points right {words}",
            lambda cohorts: gained(cohorts, points) <= -CLEAR,
        ),
        share(
            f"stopping_share.{points}",
            "networks whose training without dropout had, at its best step, no more loss on held-back points than "
            f"that with dropout at the end; {points} points",
            partial(stopped, points),
        ),
        share(
            f"both_stopping_share.{points}",
            "networks whose training without dropout had, at its best step, no more loss on held-back points than "
            f"that with dropout at its own best step; {points} points",
            partial(both_stopped, points),
        ),
    )


def predicting(way: str) -> tuple[Measure, ...]:
    """Return what is measured of a way to predict."""
    return of(
        PREDICTING,
        median(
            f"predict_accuracy.{way}",
            f"accuracy on {OTHERS} new points (median); {WAYS[way]}",
            "share of points",
            finite(lambda cohort: passes(cohort).accuracies()[way]),
        ),
        median(
            f"predict_loss.{way}",
            f"loss on {OTHERS} new points (median); {WAYS[way]}",
            "nats",
            finite(lambda cohort: passes(cohort).losses()[way]),
        ),
    )


KINDS = {"plain": "without dropout", "dropout": "with dropout"}
CLOUDS = Family(
    "<kind>.<points>",
    "{kind}, {points} points",
    choices={"kind": KINDS, "points": {f"{points}": f"{points}" for points in POINTS}},
)
TWO_NEURONS = Family("<kind>.blobs", "{kind}, two neurons on four blobs", choices={"kind": KINDS})


@final
class Dropout(Experiment[Parameters]):
    """Train with dropout and without, and predict with dropout off, left on, averaged, and never divided."""

    title = "What dropout does when predicting"
    summary = (
        "Trains networks on few points of two overlapping clouds and on the four blobs, with dropout and without, and "
        "lets them predict with dropout off, left on, averaged over all passes, and without the division."
    )
    parameters = Parameters
    figure_names = ("mean", "predicting", "success", "curves")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan both kinds on 20 and 100 points of each network's own, on the blobs, and on 20 points for all."""
        h, start = hyperparameters, Start.by(hyperparameters.initializer)

        def plan(name: str, lab: Lab, dropout: float, learned: Sampler | None = None, *, shown: bool = True) -> Plan:
            return Plan(
                name,
                lab,
                start,
                h.steps,
                Optimizer(rate=h.rate),
                dropout=dropout,
                learned=learned,
                held_back=learned and KEPT,
                curve_every=EVERY if learned else 0,
                recorded=RECORDED if shown else 0,
                aside=name.startswith("same"),
            )

        for kind, dropout in (("plain", 0.0), ("dropout", h.dropout)):
            for points in POINTS:
                yield plan(f"{kind}.{points}", OVERLAPPING, dropout, own(points), shown=False)
            yield plan(f"{kind}.blobs", BLOBS, dropout)
            lab, learned = same(POINTS[0])
            yield plan(f"same.{kind}", lab, dropout, learned)

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:
        """Say where dropout is, and what is predicted."""
        return {
            "dropout": f"{hyperparameters.dropout:g} of the hidden neurons, those kept divided by the share that is "
            "kept, or none",
            "predicted": f"{OTHERS} new points, by networks that learned 100 with dropout; and {HELD_BACK} held-back "
            f"points of each network's own, measured every {EVERY} steps",
        }

    measures = (
        *each(
            CLOUDS,
            share("success", f"networks within {percent(NEAR)} of the best possible accuracy", near),
            median("accuracy", "accuracy on all points that may come (median)", "share of points", true_accuracy),
            share(
                "rise_share", f"networks whose loss on held-back points ends at {RISEN} times its least or more", risen
            ),
            median("rise", "loss on held-back points at the end, in parts of its least value (median)", "ratio", rise),
            median("end_loss", "loss on held-back points at the end (median)", "nats", end_loss),
            median("least_loss", "least loss on held-back points at any measured step (median)", "nats", least_loss),
        ),
        *each(
            TWO_NEURONS,
            share("success", "networks that get at least 99 % of the points right", success),
            median("accuracy", "accuracy on the points (median)", "share of points", accuracy),
        ),
        *(measure for points in POINTS for measure in compared(points)),
        *(measure for way in WAYS for measure in predicting(way)),
        *of(
            PREDICTING,
            median(
                "mean_ratio.<form>",
                "mean of the output's weighted sum over all ways to drop neurons, in parts of the whole network's "
                "(median); what is kept is {form}",
                "ratio",
                lambda cohort: passes(cohort).mean_ratio(),
            ),
            median(
                "answers_differ.left_on",
                f"share of {OTHERS} new points that two passes with dropout left on answer differently (median)",
                "share of points",
                finite(lambda cohort: passes(cohort).answers_differ()["left_on"]),
            ),
            median(
                "answers_differ.averaged",
                f"share of {OTHERS} new points that the mean of all passes answers otherwise than the whole network "
                "(median)",
                "share of points",
                finite(lambda cohort: passes(cohort).answers_differ()["averaged"]),
            ),
        ),
    )

    replay = Replay(
        {
            "same.plain": "20 points, without dropout",
            "same.dropout": "20 points, with dropout",
            "plain.blobs": "Two neurons, without dropout",
            "dropout.blobs": "Two neurons, with dropout",
        },
        moment=Moment("At least half of the networks have {bar}."),
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show passes beside the whole network, ways to predict, successes, and losses over the steps."""
        found = passes(result.cohorts[PREDICTING])
        yield mean_figure(found)
        yield predicting_figure({WAYS[way]: losses for way, losses in found.losses().items()})
        yield success_figure(result, KINDS)
        yield curve_figure({words: curves(result.cohorts[f"{kind}.{POINTS[0]}"]) for kind, words in KINDS.items()})
