"""Ask what a penalty on the weights does: why a large one makes them small, and whether it helps.

Networks learn 20 points of two overlapping clouds; lambda times the sum of the squared weights is added to the loss.
The larger lambda is, the smaller are the weights, the straighter the border, and the less sure the answers. Above some
lambda no weight is worth its price any more, and the network says the same everywhere. Biases are not penalised.
"""

from collections.abc import Iterable, Iterator
from typing import final

import numpy as np
from pydantic import Field

from models.curve_readings import end_accuracy, end_loss, learned_accuracy, learned_loss
from models.datasets import overlapping
from models.ensemble import Optimizer
from models.experiment import Experiment, Hyperparameters, RandomStart, Rate, Result
from models.experiments.overfitting import HELD_BACK, KEPT, OTHERS, loss_less_sure, others, own, same, sureness
from models.figures import Figure
from models.figures.weight_penalty import accuracy_figure, loss_figure, size_figure
from models.labs import Lab
from models.labs.overlapping import OVERLAPPING
from models.measures import Cohorts, Family, each, median, percent, share, whole
from models.plans import RECORDED, Cohort, Plan, Start, reading
from models.readings import Booleans, Floats, finite
from models.replay import Moment, Replay
from models.samples import Sampler
from models.wordings import FullBatchSteps

LAMBDAS = ("0", "0.003", "0.03", "0.1", "0.3", "1")
FOR_MANY = ("0", "0.03")  # with 100 points
SHOWN = ("0", "0.03", "0.3")
COMPARED = tuple(each for each in LAMBDAS if each != "0")
CLEAR = 0.02  # of accuracy; a smaller gain is called none
SAME = 0.05  # of a logit; an output that changes less over all points is constant


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: FullBatchSteps = Field(800, ge=1, le=5_000, description="full-batch training steps")
    rate: Rate = 0.01
    initializer: RandomStart = "glorot_uniform"


@reading
def norm(cohort: Cohort) -> Floats:
    """Return the root of the sum of each network's squared weights, without biases."""
    squares = [(cohort.parameters[layer.kernel] ** 2).sum(axis=0) for layer in cohort.network.layers]
    return np.asarray(np.sqrt(sum(squares)))


@reading
def outputs(cohort: Cohort) -> Floats:
    """Return what each network says of other points before the sigmoid, (points, networks)."""
    return np.asarray(cohort.network.forward(cohort.parameters, others().x)[-1][:, 0])


@reading
def constant(cohort: Cohort) -> Booleans:
    """Say which networks say the same of all other points."""
    return np.asarray(np.ptp(outputs(cohort), axis=0) < SAME)


@reading
def bend(cohort: Cohort) -> Floats:
    """Return which part of the output's variance no linear function of other points explains; NaN if constant."""
    found = outputs(cohort).astype(np.float64)
    columns = np.column_stack([others().x, np.ones(OTHERS)])
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        rest = found - columns @ (np.linalg.pinv(columns) @ found)
        return np.where(constant(cohort), np.nan, rest.var(axis=0) / found.var(axis=0))


def helped(cohorts: Cohorts, points: str = "") -> dict[str, Booleans]:
    """Say for each lambda whose held-back loss is lower than without a penalty, from the same start."""
    plain = end_loss(cohorts[f"{points}0"])
    there = {name: cohorts[f"{points}{name}"] for name in COMPARED if f"{points}{name}" in cohorts}
    return {name: np.asarray(end_loss(cohort) < plain) for name, cohort in there.items()}


def more_right(cohorts: Cohorts) -> dict[str, Booleans]:
    """Say for each lambda who gets clearly more of the held-back points right than without a penalty."""
    plain = end_accuracy(cohorts["0"])
    gained = {name: end_accuracy(cohorts[name]) - plain for name in COMPARED}
    return {name: np.asarray(np.rint(each * HELD_BACK) >= CLEAR * HELD_BACK) for name, each in gained.items()}


MEASURES = (
    median("norm", "root of the sum of squared weights at the end (median)", "weight", finite(norm)),
    median("train_loss", "loss on the learned points at the end, without the penalty (median)", "nats", learned_loss),
    median("held_back_loss", "loss on held-back points at the end, without the penalty (median)", "nats", end_loss),
    median("accuracy", "accuracy on held-back points at the end (median)", "share of points", end_accuracy),
    median(
        "sureness",
        f"probability that a network gives to its own answers on {OTHERS} other points, right or wrong (median)",
        "probability",
        finite(sureness),
    ),
    median(
        "loss_less_sure",
        f"loss on {OTHERS} other points, if all outputs of a network are scaled down alike to be as sure as is best "
        "(median)",
        "nats",
        finite(loss_less_sure),
    ),
    median(
        "bend", "part of the output's variance that no linear function explains (median)", "share of variance", bend
    ),
    share("constant_share", "networks that say the same of all points", constant),
)
WORDS = {each: f"lambda {each}" if each != "0" else "no penalty" for each in LAMBDAS}


@final
class WeightPenalty(Experiment[Parameters]):
    """Train the same starts on the same few points with larger and larger penalties on the weights."""

    title = "What a penalty on the weights does"
    summary = (
        "Trains networks on 20 and on 100 points of two overlapping clouds with penalties from 0 to 1 on the squared "
        "weights, and measures weights, losses, accuracies and how bent the output is."
    )
    parameters = Parameters
    figure_names = ("size", "loss", "accuracy")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan every penalty, and some networks that all learn the same points."""
        h, start = hyperparameters, Start.by(hyperparameters.initializer)

        def plan(name: str, penalty: str, lab: Lab, learned: Sampler, *, shown: bool = False) -> Plan:
            return Plan(
                name,
                lab,
                start,
                h.steps,
                Optimizer(rate=h.rate),
                l2=float(penalty),
                penalise_biases=False,
                learned=learned,
                held_back=KEPT,
                recorded=RECORDED if shown else 0,
                aside=shown,
            )

        for penalty in LAMBDAS:
            yield plan(penalty, penalty, OVERLAPPING, own(20))
        for penalty in FOR_MANY:
            yield plan(f"100.{penalty}", penalty, OVERLAPPING, own(100))
        for penalty in SHOWN:
            yield plan(f"same.{penalty}", penalty, *same(20), shown=True)

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:  # noqa: ARG002
        """Say what is penalised, and what is held back."""
        return {
            "data": f"{overlapping.WORDS}: 20 or 100 points, each network's own",
            "held back": f"{HELD_BACK} other points of each network's own",
            "penalty": f"lambda times the sum of all squared weights, biases not counted; lambda {', '.join(LAMBDAS)}",
        }

    measures = (
        *each(Family("<penalty>", "20 points, {penalty}", choices={"penalty": WORDS}), *MEASURES),
        *each(
            Family("100.<penalty>", "100 points, {penalty}", choices={"penalty": {p: WORDS[p] for p in FOR_MANY}}),
            *MEASURES,
        ),
        *whole(
            share(
                "helped_share.<penalty>",
                "networks whose loss on held-back points is lower than without a penalty; 20 points, lambda {penalty}",
                helped,
            ),
            share(
                "helped_share_100.<penalty>",
                "networks whose loss on held-back points is lower than without a penalty; 100 points, lambda {penalty}",
                lambda cohorts: helped(cohorts, "100."),
            ),
            share(
                "more_right_share.<penalty>",
                f"networks that get at least {percent(CLEAR)} more of the held-back points right than without a "
                f"penalty; "
                "20 points, lambda {penalty}",
                more_right,
            ),
        ),
    )

    replay = Replay(
        {f"same.{name}": f"{WORDS[name]}, the same 20 points" if name == "0" else WORDS[name] for name in SHOWN},
        moment=Moment("At least half of the networks have 90 % of their points right."),
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show how large weights are and how bent outputs, the losses, and the accuracies, for every penalty."""
        cohorts = {name: result.cohorts[name] for name in LAMBDAS}
        yield size_figure({name: (norm(cohort), bend(cohort)) for name, cohort in cohorts.items()})
        yield loss_figure({name: (learned_loss(cohort), end_loss(cohort)) for name, cohort in cohorts.items()})
        yield accuracy_figure(
            {name: (learned_accuracy(cohort), end_accuracy(cohort)) for name, cohort in cohorts.items()}
        )
