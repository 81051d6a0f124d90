"""Ask whether networks that fail are slow or stuck: train them ten times longer.

Networks of several widths are trained on XOR and on the four blobs, and those that fail for ten times as many steps.
Which of them get there after all? Those that do not sit somewhere: at which loss, and is there still a slope?
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from math import log
from typing import final

import numpy as np
from pydantic import Field

from models.ensemble import Optimizer, Progress, gradients
from models.experiment import Experiment, Hyperparameters, RandomStart, Rate, Result
from models.experiments.width import WIDE
from models.figures import Figure
from models.figures.failures_trained_longer import losses_figure, recovered_figure
from models.labs.xor import XOR
from models.measures import Cohorts, median, share, whole
from models.plan_training import train_plans
from models.plans import Cohort, Plan, Start, reading
from models.readings import Booleans, Floats, success
from models.replay import Moment, Replay
from models.wordings import FullBatchSteps, XorSteps

WIDTHS = {"xor": (2, 4, 6), "blobs": (2, 3)}
DATA = {"xor": "XOR", "blobs": "the blobs"}
LONGER = 10  # times the steps
# Where a network answers several corners of XOR alike, the best it can do is to answer with their mean label.
LEVELS = {
    "two": (log(2) / 2, "two corners of different classes get one answer"),
    "three": (log(3) * 3 / 4 - log(2) / 2, "three corners get one answer"),
    "four": (log(2), "four corners get one answer"),
}
NEAR = 0.01  # nats
OUTCOMES = {"stuck": "still fail", "recovered": "have recovered"}


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: FullBatchSteps = Field(800, ge=1, le=5_000, description="training steps on the blobs")
    xor_steps: XorSteps = Field(2_000, ge=1, le=5_000, description="training steps on XOR")
    rate: Rate = 0.01
    initializer: RandomStart = "glorot_uniform"


def names(data: str | None = None) -> list[str]:
    """Return the names of the cohorts, of one data set or of all."""
    return [f"{each}.{h}" for each, widths in WIDTHS.items() for h in widths if data in {None, each}]


def failed(name: str, cohorts: Cohorts) -> Booleans:
    """Say which networks fail in the usual number of steps."""
    return np.asarray(~success(cohorts[name]))


def recovered(name: str, cohorts: Cohorts) -> Booleans:
    """Say which of the networks that failed succeed when they are trained longer."""
    longer = cohorts.get(f"{name}.longer")
    return np.zeros(0, bool) if longer is None else success(longer)


def recovered_anywhere(data: str, cohorts: Cohorts) -> Booleans:
    """Say the same of the networks of all widths on one data set."""
    return np.concatenate([recovered(name, cohorts) for name in names(data)])


def of_failures(read: Callable[[Cohort], Floats], which: str, data: str | None, cohorts: Cohorts) -> Floats:
    """Return a reading, at the end of the longer training, of those that still fail or have recovered."""
    longer = [cohorts[f"{name}.longer"] for name in names(data) if f"{name}.longer" in cohorts]
    parts = [read(each)[success(each) == (which == "recovered")] for each in longer]
    return np.concatenate(parts) if parts else np.zeros(0)


def loss(cohort: Cohort) -> Floats:
    """Return the mean loss over all rows."""
    return cohort.loss


@reading
def gradient_size(cohort: Cohort) -> Floats:
    """Return the length of the gradient by the weights that may change."""
    found = gradients(cohort.network, cohort.parameters, cohort.data)
    free = (cohort.start != 0) | (cohort.parameters != 0)
    return np.asarray(np.linalg.norm(np.where(free, found, 0), axis=0))


def _sits(level: float, cohorts: Cohorts) -> Booleans:
    return np.asarray(np.abs(of_failures(loss, "stuck", "xor", cohorts) - level) < NEAR)


@final
class FailuresTrainedLonger(Experiment[Parameters]):
    """Train networks that fail ten times longer, and look at where those sit that still fail."""

    title = "Slow or stuck: failures trained ten times longer"
    summary = "Trains narrow networks on XOR and the blobs, and those that fail for ten times as many steps."
    parameters = Parameters
    figure_names = ("recovered", "losses")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan every width on both data sets, and the longer training, as if all failed."""
        h = hyperparameters
        start, optimizer = Start.by(h.initializer), Optimizer(rate=h.rate)
        for data, widths in WIDTHS.items():
            lab, steps = (XOR, h.xor_steps) if data == "xor" else (WIDE, h.steps)
            for width in widths:
                plan = Plan(f"{data}.{width}", lab, start, steps, optimizer, width=width)
                yield plan
                yield replace(plan, name=f"{plan.name}.longer", steps=LONGER * steps, recorded=0, aside=True)

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:
        """Say what is trained longer."""
        h = hyperparameters
        return {
            "steps": f"{h.steps:,} on the blobs, {h.xor_steps:,} on XOR, full batch; {LONGER} times as many, from the "
            "same start, for networks that fail",
        }

    def train(self, hyperparameters: Parameters, *, networks: int, seed: int, progress: Progress) -> dict[str, Cohort]:
        """Train all networks, and then the failed ones longer."""
        plans = list(self.plans(hyperparameters))
        how: Mapping[str, object] = {"networks": networks, "seed": seed, "progress": progress}
        cohorts = train_plans([plan for plan in plans if not plan.aside], **how)  # type: ignore[arg-type]
        members = {f"{name}.longer": np.flatnonzero(failed(name, cohorts)).tolist() for name in cohorts}
        again = [replace(plan, members=members[plan.name]) for plan in plans if members.get(plan.name)]
        return cohorts | (train_plans(again, **how) if again else {})  # type: ignore[arg-type]

    measures = whole(
        *(
            share(
                f"failed_share.{name}",
                f"networks of {name.partition('.')[2]} hidden neurons that fail on {DATA[name.partition('.')[0]]}",
                partial(failed, name),
            )
            for name in names()
        ),
        *(
            share(
                f"recovered_share.{name}",
                f"of the networks of {name.partition('.')[2]} hidden neurons that fail on "
                f"{DATA[name.partition('.')[0]]}: those that succeed in {LONGER} times the steps",
                partial(recovered, name),
            )
            for name in names()
        ),
        *(
            share(
                f"recovered_share.{data}",
                f"of the networks of all widths that fail on {words}: those that succeed in {LONGER} times the steps",
                partial(recovered_anywhere, data),
            )
            for data, words in DATA.items()
        ),
        *(
            median(
                f"stuck_loss.{data}",
                f"cross-entropy of the networks that still fail on {words} (median)",
                "nats",
                partial(of_failures, loss, "stuck", data),
            )
            for data, words in DATA.items()
        ),
        *(
            share(
                f"stuck_at.{level}",
                f"of the networks that still fail on XOR: those with a loss of {value:.3f}, within {NEAR:g}, as "
                f"where {words}",
                partial(_sits, value),
            )
            for level, (value, words) in LEVELS.items()
        ),
        *(
            median(
                f"gradient_at_end.{outcome}",
                f"length of the gradient after the longer training, of the networks that {words} (median)",
                "gradient",
                partial(of_failures, gradient_size, outcome, None),
            )
            for outcome, words in OUTCOMES.items()
        ),
    )

    replay = Replay(
        {name: f"{DATA[data]}, {h} neurons" for data, h, name in (("xor", 2, "xor.2"), ("xor", 4, "xor.4"))},
        moment=Moment("At least half of the networks of this width have {bar}."),
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show who recovers, and at which losses the others sit."""
        yield recovered_figure(
            result, {name: f"{DATA[name.partition('.')[0]]}, {name[-1]} neurons" for name in names()}
        )
        stuck = of_failures(loss, "stuck", "xor", result.cohorts)
        yield losses_figure(stuck, {words: value for value, words in LEVELS.values()})
