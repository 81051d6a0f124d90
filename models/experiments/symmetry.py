"""Climb the symmetry ladder: from neurons that start alike to neurons that start apart.

If two neurons get the same data, have the same activation and start with the same weights, they get the same gradients
and stay the same for ever. The ladder shows what breaks this and what does not. Its rungs are ways to start: all zero,
constant, the same incoming weights with different outgoing ones, constant plus a tiny noise, and Glorot. The constant
start is also trained with shuffled mini-batches and with dropout, and a start with zero incoming weights is trained
with ReLU and with tanh, which behave differently at 0.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import final

import numpy as np
import numpy.typing as npt
from pydantic import Field

from models.ensemble import Optimizer
from models.experiment import Experiment, Hyperparameters, Rate, Result
from models.figures import Figure
from models.figures.symmetry import identical_figure, ladder_figure, rung_wall_figure
from models.initializers import layer_constants
from models.labs.blobs import BLOBS
from models.measures import Family, each, median, of, quantity, share
from models.network import Network
from models.plans import Cohort, Floats, Integers, Plan, Start
from models.readings import Booleans, accuracy, apart, distance, first_step, identical, over_steps, success
from models.replay import Moment, Replay
from models.streams import Purpose, streams
from models.wordings import Steps

NOISE = 1e-6
DROPOUT = 0.5
BATCH = 32

RUNGS = {
    "zero": "all weights zero",
    "constant": "constant weights",
    "constant_shuffled": "constant weights, shuffled mini-batches",
    "outgoing_differ": "same incoming weights, different outgoing ones",
    "constant_dropout": "constant weights, dropout 0.5",
    "tiny_noise": "constant weights plus noise of 0.000001",
    "zero_incoming_relu": "zero incoming weights, random outgoing ones, ReLU",
    "zero_incoming_tanh": "zero incoming weights, random outgoing ones, tanh",
    "glorot": "random weights (Glorot)",
}
OUTPUT_BIASES = BLOBS.network.layers[-1].bias
GLOROT = Start.by("glorot_uniform")


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: Steps = Field(800, ge=1, le=20_000, description="training steps from each start")
    rate: Rate = 0.01


def tiny_noise(network: Network, seed: int, members: Integers) -> Floats:
    """Draw the constants, and move each weight a little."""
    parameters = layer_constants(network, seed, members)
    for column, generator in enumerate(streams(seed, members, Purpose.NOISE)):
        for at in network.layers:
            parameters[at.kernel, column] += NOISE * generator.standard_normal(at.inputs * at.units)
    return parameters


def outgoing_differ(network: Network, seed: int, members: Integers) -> Floats:
    """Draw random weights, and give neuron 2 the incoming ones of neuron 1."""
    parameters = GLOROT.draw(network, seed, members)
    incoming, _ = network.unpack(parameters)[0]
    incoming[:, 1] = incoming[:, 0]
    return parameters


def zero_incoming(network: Network, seed: int, members: Integers) -> Floats:
    """Draw random weights, and set the incoming ones to zero."""
    parameters = GLOROT.draw(network, seed, members)
    parameters[network.layers[0].kernel] = 0
    return parameters


def _moved(zero: Cohort) -> Floats:
    moved: Floats = np.abs(zero.parameters - zero.start)
    return moved


def gap_after_one_step(cohort: Cohort) -> npt.NDArray[np.floating]:
    """Return how far the two neurons of each recorded network are apart after the first step."""
    return np.asarray(over_steps(distance)(cohort)[cohort.history.steps == 1]).reshape(-1)


def _accuracy_by_sign(constant: Cohort) -> dict[str, npt.NDArray[np.float64]]:
    positive = constant.start[0] > 0
    return {"positive": accuracy(constant)[positive], "negative": accuracy(constant)[~positive]}


def _visibly_apart(cohort: Cohort) -> Booleans:
    return np.asarray(distance(cohort) > 0.1)


@final
class Symmetry(Experiment[Parameters]):
    """Train two hidden neurons from starts that are more and more different, and see whether they part."""

    title = "The symmetry ladder: what makes two neurons differ"
    summary = "Starts two neurons alike, nearly alike and apart, and counts the networks in which they stay identical."
    parameters = Parameters
    figure_names = ("ladder", "identical", "wall")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan every rung; the all-zero start has nothing random in it and is trained once."""
        steps, optimizer = hyperparameters.steps, Optimizer(rate=hyperparameters.rate)
        same = Plan("constant", BLOBS, Start("constant weights", layer_constants), steps, optimizer, recorded=None)
        yield replace(same, name="zero", start=Start.by("zero"), members=[0], sample=False)
        yield same
        yield replace(same, name="constant_shuffled", batch=BATCH)
        yield replace(same, name="outgoing_differ", start=Start(RUNGS["outgoing_differ"], outgoing_differ))
        yield replace(same, name="constant_dropout", dropout=DROPOUT)
        yield replace(same, name="tiny_noise", start=Start(RUNGS["tiny_noise"], tiny_noise))
        start = Start("zero incoming weights, random outgoing ones", zero_incoming)
        yield replace(same, name="zero_incoming_relu", start=start)
        tanh = BLOBS.using("tanh", "2 tanh hidden neurons, 4 outputs")
        yield replace(same, name="zero_incoming_tanh", start=start, lab=tanh)
        yield replace(same, name="glorot", start=GLOROT)

    measures = (
        *each(
            Family("<rung>", "start: {rung}", choices={"rung": RUNGS}),
            share("identical_share", "networks whose two neurons end identical, to the last bit", identical),
            median(
                "gap", "largest difference of the two neurons' incoming weights and biases (median)", "weight", distance
            ),
            median(
                "gap_after_one_step",
                "largest difference of the two neurons' incoming weights and biases after one step (median)",
                "weight",
                gap_after_one_step,
            ),
            median("accuracy", "accuracy (median)", "share of points", accuracy),
            share("success", "networks that get at least 99 % of the points right", success),
            median(
                "first_step_apart",
                "first recorded step at which the two neurons differ (median)",
                "step",
                first_step(apart),
            ),
        ),
        *of(
            "constant",
            median(
                "accuracy_by_sign.<sign>",
                "accuracy from constant weights, of the networks whose incoming constant is {sign} (median)",
                "share of points",
                _accuracy_by_sign,
            ),
        ),
        *of(
            "zero",
            quantity(
                "moved.output_biases",
                "largest change of an output bias from the all-zero start",
                "weight",
                lambda zero: float(_moved(zero)[OUTPUT_BIASES].max()),
            ),
            quantity(
                "moved.other_parameters",
                "largest change of any other parameter from the all-zero start",
                "weight",
                lambda zero: float(np.delete(_moved(zero), OUTPUT_BIASES, axis=0).max()),
            ),
        ),
    )

    replay = Replay(
        {
            "constant": "Constant weights: the same for both neurons",
            "tiny_noise": "Constant weights, and a millionth of noise",
            "constant_dropout": "Constant weights, with dropout",
            "glorot": "Random weights",
        },
        groups=lambda cohort: np.where(identical(cohort), "two identical neurons", "two different neurons"),
        counts={"apart": ("have two neurons that differ", apart)},
        moment=Moment("In at least half of the networks, the two neurons have visibly parted.", reading=_visibly_apart),
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show the neurons' weights on every rung, the shares that stay identical, and what the networks can do."""
        yield ladder_figure(result, RUNGS)
        yield identical_figure(result, RUNGS)
        yield rung_wall_figure(result, BLOBS.data, RUNGS)
