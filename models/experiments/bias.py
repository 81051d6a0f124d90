"""Ask whether biases may start at zero, and whether random biases alone would break the symmetry.

With random weights, zero biases do no harm: they move from the first step on. With constant weights everything depends
on which biases are random. Those of the hidden neurons set the neurons apart, those of the outputs never do; and with
all weights at zero, a random bias can leave a ReLU neuron dead. The near question, what becomes of equal neurons, has
an experiment of its own, `symmetry`.
"""

from collections.abc import Iterable, Iterator
from typing import final

import numpy as np
import numpy.typing as npt
from pydantic import Field

from models.ensemble import Optimizer
from models.experiment import Experiment, Hyperparameters, Rate, Result
from models.figures import Figure
from models.figures.bias import films_figure, starts_figure
from models.initializers import layer_constants
from models.labs.blobs import BLOBS
from models.measures import Family, each, median, of, share
from models.network import Network
from models.plans import Cohort, Floats, Integers, Plan, Start
from models.readings import accuracy, apart, dead, distance, identical, kernel, success, untrained
from models.replay import Moment, Replay
from models.streams import Purpose, streams
from models.wordings import FullBatchSteps, called

STARTS = {
    "zero_biases": "random weights, zero biases",
    "random_biases": "random weights, random biases",
    "biases_held": "random weights, biases held at zero",
    "constant_weights": "constant weights, zero biases",
    "constant_random_outputs": "constant weights, random output biases only",
    "constant_random": "constant weights, random biases",
    "zero_weights_random": "zero weights, random biases",
    "zero_weights_random_tanh": "zero weights, random biases, tanh",
}
TANH = BLOBS.using("tanh", "2 tanh hidden neurons, 4 outputs")
GLOROT, CONSTANT, ZERO = Start.by("glorot_uniform"), Start("constant", layer_constants), Start.by("zero")


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: FullBatchSteps = Field(800, ge=1, le=20_000, description="full-batch training steps from each start")
    rate: Rate = 0.01
    bias_scale: float = Field(
        1.0,
        ge=0,
        le=10,
        description="random biases are drawn from minus this to plus this",
        json_schema_extra=called("bias scale", "scale of the biases", "size of the biases"),
    )


def random_biases(weights: Start, scale: float, *, hidden: bool = True) -> Start:
    """Return a start with biases from minus to plus ``scale``: all of them, or the outputs' only if not ``hidden``."""

    def draw(network: Network, seed: int, members: Integers) -> Floats:
        parameters = weights.draw(network, seed, members)
        for column, generator in enumerate(streams(seed, members, Purpose.NOISE)):
            for at in network.layers:
                drawn = generator.uniform(-scale, scale, at.units)
                if hidden or at is network.layers[-1]:
                    parameters[at.bias, column] = drawn
        return parameters

    return Start(f"{weights.words}, random biases", draw)


def biases(cohort: Cohort) -> npt.NDArray[np.floating]:
    """Return the hidden neurons' biases (units, networks)."""
    return cohort.network.unpack(cohort.parameters)[0][1]


def angle(cohort: Cohort) -> npt.NDArray[np.float64]:
    """Return the angle in degrees, 0 to 90, between two neurons' lines; NaN where there are not two."""
    one, two = kernel(cohort).astype(np.float64).swapaxes(0, 1)  # (inputs, networks) each
    with np.errstate(invalid="ignore", over="ignore"):  # a network that diverged has no angle
        # The arc tangent of both products keeps its digits also for lines that are nearly parallel.
        degrees = np.degrees(np.arctan2(np.abs(one[0] * two[1] - one[1] * two[0]), np.abs((one * two).sum(axis=0))))
    drawn = kernel(cohort).any(axis=0).all(axis=0) & np.isfinite(kernel(cohort)).all(axis=(0, 1))
    return np.where(drawn, degrees, np.nan)


@final
class Bias(Experiment[Parameters]):
    """Train two hidden neurons from starts that differ in their biases."""

    title = "What biases do to the symmetry"
    summary = "Starts two neurons with zero or random biases over random, constant or zero weights."
    parameters = Parameters
    figure_names = ("films", "starts")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan every start."""
        h, scale = hyperparameters, hyperparameters.bias_scale
        weights_only = np.ones((BLOBS.network.size, 1), np.float32)
        for at in BLOBS.network.layers:
            weights_only[at.bias] = 0
        starts = {
            "zero_biases": GLOROT,
            "random_biases": random_biases(GLOROT, scale),
            "biases_held": GLOROT,
            "constant_weights": CONSTANT,
            "constant_random_outputs": random_biases(CONSTANT, scale, hidden=False),
            "constant_random": random_biases(CONSTANT, scale),
            "zero_weights_random": random_biases(ZERO, scale),
            "zero_weights_random_tanh": random_biases(ZERO, scale),
        }
        for name, start in starts.items():
            lab = TANH if name.endswith("tanh") else BLOBS
            trainable = weights_only if name == "biases_held" else None
            yield Plan(name, lab, start, h.steps, Optimizer(rate=h.rate), trainable=trainable)

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:
        """Say how weights and biases are drawn."""
        scale = hyperparameters.bias_scale
        return {
            "initialiser": "random weights: glorot_uniform; constant weights: one random number for all incoming and "
            f"one for all outgoing weights of a network; random biases: uniform from {-scale:g} to {scale:g}, hidden "
            "and output ones",
        }

    measures = (
        *each(
            Family("<start>", "start: {start}", choices={"start": STARTS}),
            share("identical_share", "networks whose two neurons end identical, to the last bit", identical),
            share("success", "networks that get at least 99 % of the points right", success),
            median("accuracy", "accuracy (median)", "share of points", accuracy),
            median(
                "gap",
                "largest difference between the two neurons' incoming weights and biases (median)",
                "weight",
                distance,
            ),
            median("angle", "angle between the two neurons' lines (median)", "degrees", angle),
            share("dead_share", "networks with a hidden neuron whose slope is 0 on every point after training", dead),
        ),
        *of(
            "zero_biases",
            median(
                "moved.zero_biases",
                "largest bias of a hidden neuron after training (median); start: random weights, zero biases",
                "weight",
                lambda cohort: np.abs(biases(cohort)).max(axis=0),
            ),
        ),
        *of(
            "zero_weights_random",
            share(
                "negative_bias_share",
                "networks in which a hidden neuron's random bias is negative before training",
                untrained(lambda cohort: np.asarray((biases(cohort) < 0).any(axis=0))),
            ),
        ),
    )

    replay = Replay(
        {name: STARTS[name] for name in ("zero_biases", "biases_held", "constant_random", "zero_weights_random")},
        counts={"apart": ("have two neurons that differ", apart)},
        moment=Moment("At least half of the networks from this start have {bar}."),
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show how two neurons' lines move from each start, and how many networks succeed."""
        yield films_figure(result, BLOBS.data, STARTS)
        yield starts_figure(result, STARTS)
