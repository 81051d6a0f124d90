"""Ask what would happen if each neuron had an error of its own, as many learners suppose.

The same starts are trained twice. Once as usual: two hidden neurons, one output layer, one loss. And once with each
neuron alone: its own output layer, its own loss, and no word of the other. Then both neurons are put together again. If
it is the shared error that keeps two neurons apart, it must be missed here.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import final

import numpy as np
from pydantic import Field

from models.backpropagation import losses
from models.ensemble import Optimizer, Progress
from models.experiment import Experiment, Hyperparameters, LabBatch, RandomStart, Rate, Result
from models.figures import Figure
from models.figures.separate_errors import counts_figure, pairs_figure
from models.history import History
from models.labs.blobs import BLOBS
from models.measures import Family, each, median, of, share, spoken
from models.network import Network
from models.plan_training import train_plans
from models.plans import Cohort, Floats, Integers, Plan, Start
from models.readings import (
    Booleans,
    accuracy,
    active_sides,
    among,
    complementary,
    counts,
    duplicate,
    success,
    two_and_two,
    untrained,
)
from models.replay import Moment, Replay
from models.splits import blobs_in_words, unsigned
from models.widths import narrowed
from models.wordings import LabSteps

ALONE = ("alone.1", "alone.2")
TRAININGS = {"shared": "one error for both", "separate": "an error of its own for each"}


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: LabSteps = Field(800, ge=1, le=10_000, description="training steps; 4 mini-batches of 32 make an epoch")
    rate: Rate = 0.01
    batch_size: LabBatch = 32
    initializer: RandomStart = "glorot_uniform"


def alone(start: Start, neuron: int) -> Start:
    """Return the start of one hidden neuron, with its outgoing weights, out of a pair's ``start``."""

    def draw(_narrow: Network, seed: int, members: Integers) -> Floats:
        (kernel, bias), (outgoing, output_bias) = BLOBS.network.unpack(start.draw(BLOBS.network, seed, members))
        own = slice(neuron, neuron + 1)
        return narrowed(BLOBS.network, 1).pack([(kernel[:, own], bias[own]), (outgoing[own], output_bias)])

    return Start(f"neuron {neuron + 1} of the pair", draw)


def together(one: Floats, two: Floats) -> Floats:
    """Return networks (P, ...) of two neurons out of two of one neuron each, with both output layers added up."""
    (kernel, bias), (outgoing, output_bias) = BLOBS.network.unpack(one)
    (other_kernel, other_bias), (other_outgoing, other_output_bias) = BLOBS.network.unpack(two)
    return BLOBS.network.pack(
        [
            (np.stack([kernel[:, 0], other_kernel[:, 0]], axis=1), np.stack([bias[0], other_bias[0]])),
            (np.stack([outgoing[0], other_outgoing[0]]), output_bias + other_output_bias),
        ]
    )


def put_together(shared: Cohort, one: Cohort, two: Cohort) -> Cohort:
    """Return a cohort of the pairs whose neurons were trained apart, with a history as that of ``shared``."""
    parameters = together(one.parameters, two.parameters)
    recorded = together(*(each.history.parameters.swapaxes(0, 1) for each in (one, two))).swapaxes(0, 1)
    loss = np.stack([losses(BLOBS.network, step, BLOBS.data).mean(axis=0) for step in recorded]).astype(np.float32)
    return replace(
        shared,
        plan=replace(shared.plan, name="separate"),
        parameters=parameters,
        loss=losses(BLOBS.network, parameters, BLOBS.data).mean(axis=0).astype(np.float32),
        history=History(shared.history.steps, shared.history.positions, recorded, loss),
    )


def _began_alike(read: Callable[[Cohort], Booleans]) -> Callable[[Cohort], Booleans]:
    return among(untrained(duplicate), read)


def alone_splits(cohort: Cohort) -> dict[str, Booleans]:
    """Say who parts the blobs how, by the side that holds blob 0."""
    return counts(lambda one: unsigned(active_sides(one))[0])(cohort)


@final
class SeparateErrors(Experiment[Parameters]):
    """Train pairs of neurons on one error, and the same neurons on an error of their own each."""

    title = "If each neuron had an error of its own"
    summary = "Trains two neurons on the error they share, and from the same starts each on an error of its own."
    parameters = Parameters
    figure_names = ("counts", "pairs")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan the pairs, each of their neurons alone, and new output layers over the lines of those."""
        h = hyperparameters
        start = Start.by(h.initializer)
        shared = Plan("shared", BLOBS, start, h.steps, Optimizer(rate=h.rate), batch=h.batch_size)
        yield shared
        for neuron, name in enumerate(ALONE):
            yield replace(shared, name=name, start=alone(start, neuron), width=1, aside=True)
        trainable = np.ones((BLOBS.network.size, 1), np.float32)
        trainable[: BLOBS.network.layers[0].bias.stop] = 0
        yield replace(shared, name="relearned", trainable=trainable, recorded=0, aside=True)

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:  # noqa: ARG002
        """Say what separate means."""
        return {
            "separate errors": "each neuron from its place in the same start, with its own outgoing weights, output "
            "biases and loss, on the same batches; then both are put into one network, their outputs added up",
            "output layer learned anew": "over the lines of the separate neurons, which are held, as many steps again",
        }

    def train(self, hyperparameters: Parameters, *, networks: int, seed: int, progress: Progress) -> dict[str, Cohort]:
        """Train pairs and single neurons, put these together, and learn an output layer over their lines."""
        shared, one, two, relearned = self.plans(hyperparameters)
        cohorts = train_plans([shared, one, two], networks=networks, seed=seed, progress=progress)
        pairs = put_together(*cohorts.values())
        lines = BLOBS.network.layers[0].bias.stop

        def draw(network: Network, seed: int, members: Integers) -> Floats:
            drawn = shared.start.draw(network, seed, members).copy()
            drawn[:lines] = pairs.parameters[:lines, members]
            return drawn

        again = replace(relearned, start=Start("the lines of the separate neurons", draw))
        return cohorts | {"separate": pairs} | train_plans([again], networks=networks, seed=seed, progress=progress)

    measures = (
        *of(
            "shared",
            share(
                "duplicate_share_at_start",
                "networks whose two neurons split the blobs alike already before training",
                untrained(duplicate),
            ),
        ),
        *each(
            Family("<training>", "trained on {training}", choices={"training": TRAININGS}),
            share("duplicate_share", "networks whose two neurons end with the same split", duplicate),
            share(
                "kept_share",
                "of the networks whose two neurons began with the same split: those in which they end with the same",
                _began_alike(duplicate),
            ),
            share("two_two_share", "networks in which both neurons split the blobs two and two", two_and_two),
            share("complementary_share", "networks whose neurons split two and two, in different ways", complementary),
            share("converged_share", "networks that get at least 99 % of the points right", success),
        ),
        *of(
            "relearned",
            share(
                "converged_share.relearned",
                "networks that get at least 99 % of the points right; an output layer learned anew over the lines of "
                "separate neurons",
                success,
            ),
        ),
        *of(
            "alone.1",
            *spoken(
                blobs_in_words,
                share(
                    "alone_split.<split>",
                    "single neurons with an error of their own that part {split} from the others",
                    alone_splits,
                ),
            ),
            median("alone_accuracy", "accuracy of one neuron alone (median)", "share of points", accuracy),
        ),
    )

    replay = Replay(
        {"shared": "One error for both neurons", "separate": "The same starts, an error of its own for each"},
        groups=lambda cohort: np.where(duplicate(cohort), "the same split twice", "two different splits"),
        counts={"duplicate": ("have two neurons that split the blobs alike", duplicate)},
        moment=Moment("At least half of the networks have {bar}."),
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show how many pairs hold the same split, and pairs from the same starts side by side."""
        yield counts_figure(result, TRAININGS)
        yield pairs_figure(result.cohorts["shared"], result.cohorts["separate"])
