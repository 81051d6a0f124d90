"""Ask which biases matter: hold those of the hidden neurons at zero, those of the outputs, both, or none.

A hidden neuron without a bias keeps its line on the origin; an output without one must be equal to all others wherever
every hidden neuron is silent. There a network answers nothing, and which class a program names is only a matter of the
order in which it looks. Such ties are counted for themselves, and not as successes.
"""

from collections.abc import Iterable, Iterator
from typing import final

import numpy as np
from pydantic import Field

from models.ensemble import Optimizer
from models.experiment import Experiment, Hyperparameters, RandomStart, Rate, Result
from models.figures import Figure
from models.figures.which_biases import held_figure, maps_figure
from models.labs.blobs import BLOBS
from models.measures import Family, each, median, share
from models.plans import Cohort, Plan, Start
from models.readings import Booleans, Floats, accuracy, forward, success, sums
from models.replay import Moment, Replay
from models.wordings import FullBatchSteps

HELD = {
    "free": "no biases held",
    "hidden_held": "hidden biases held at zero",
    "output_held": "output biases held at zero",
    "both_held": "all biases held at zero",
}


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: FullBatchSteps = Field(800, ge=1, le=20_000, description="full-batch training steps")
    rate: Rate = 0.01
    initializer: RandomStart = "glorot_uniform"


def only_by_ties(cohort: Cohort) -> Booleans:
    """Say which networks would reach the bar if equal outputs counted for the class that comes first, and do not."""
    named = cohort.network.classify(forward(cohort)[-1]) == cohort.data.labels[:, None]  # (rows, networks)
    reached = (named.mean(axis=0) >= cohort.lab.accuracy) & ~cohort.diverged
    return np.asarray(reached & ~success(cohort))


def silent_points(cohort: Cohort) -> Floats:
    """Return the share (networks,) of points on which no hidden neuron fires."""
    return np.asarray((~(sums(cohort) > 0)).all(axis=1).mean(axis=0))


@final
class WhichBiases(Experiment[Parameters]):
    """Train the same starts with biases free and held at zero, in the hidden layer, at the outputs, or both."""

    title = "Which biases matter"
    summary = "Holds the biases of the hidden layer, of the outputs, of both or of none at zero, and counts successes."
    parameters = Parameters
    figure_names = ("held", "maps")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan the same starts with every choice of biases that are held."""
        h, network = hyperparameters, BLOBS.network
        for name in HELD:
            trainable = np.ones((network.size, 1), np.float32)
            for layer, at in zip(("hidden", "output"), network.layers, strict=True):
                if name in {f"{layer}_held", "both_held"}:
                    trainable[at.bias] = 0
            yield Plan(name, BLOBS, Start.by(h.initializer), h.steps, Optimizer(rate=h.rate), trainable=trainable)

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:
        """Say what is held, and what success is."""
        return {
            "initialiser": f"{hyperparameters.initializer}, biases 0; the same starts in every training",
            "success": f"{BLOBS.bar_words}: the right output is the largest, by {BLOBS.margin:g} or more",
        }

    measures = (
        *each(
            Family("<held>", "{held}", choices={"held": HELD}),
            share("success", "networks that get at least 99 % of the points right", success),
            share(
                "only_by_ties",
                "networks that would get there if equal outputs counted for the first class, and do not get there",
                only_by_ties,
            ),
            median("accuracy", "accuracy (median)", "share of points", accuracy),
            median(
                "silent_points", "points on which no hidden neuron fires (median)", "share of points", silent_points
            ),
        ),
    )

    replay = Replay(
        {name: words[0].upper() + words[1:] for name, words in HELD.items()},
        moment=Moment("At least half of the networks have {bar}."),
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show how many succeed, and the same starts with each choice of biases that are held."""
        yield held_figure(result, HELD)
        yield maps_figure(result, HELD)
