"""Ask what an activation is for: the same networks with linear, ReLU, sigmoid and tanh hidden neurons.

On the four blobs every activation can succeed, the linear one included, because four straight cuts are enough there. On
XOR no straight cut is. However many linear neurons there are, they amount to one matrix, and the experiment computes
that matrix. What tells ReLU from sigmoid and tanh is measured too: how often, how soon, with which slopes, and whether
a neuron went silent.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import final

import numpy as np
import numpy.typing as npt
from pydantic import Field

from models.ensemble import Optimizer
from models.experiment import Experiment, Hyperparameters, RandomStart, Rate, Result
from models.figures import Figure
from models.figures.activation import maps_figure, speed_figure
from models.labs import ACTIVATIONS, MARGIN
from models.labs.blobs import BLOBS
from models.labs.xor import XOR
from models.measures import Family, each, median, percent, quantity, share, whole
from models.plans import Cohort, Plan, Start, reading
from models.readings import first_step, loss, slopes, success, untrained
from models.replay import Moment, Replay
from models.wordings import HIDDEN_NAMES, FullBatchSteps, XorSteps

SILENT = 0.01  # of the greatest slope that an activation has
STEEPEST = {"linear": 1.0, "relu": 1.0, "sigmoid": 0.25, "tanh": 1.0}


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: FullBatchSteps = Field(800, ge=1, le=20_000, description="training steps on the blobs")
    xor_steps: XorSteps = Field(2_000, ge=1, le=20_000, description="training steps on XOR")
    xor_hidden: int = Field(
        4, ge=1, le=10, title="XOR neurons", description="hidden neurons on XOR", json_schema_extra=HIDDEN_NAMES
    )
    rate: Rate = 0.01
    initializer: RandomStart = "glorot_uniform"


def silenced(cohort: Cohort) -> npt.NDArray[np.bool_]:
    """Say which finite networks have a neuron that is nearly flat on every example."""
    flat = slopes(cohort) < SILENT * STEEPEST[cohort.network.activation]  # (rows, units, networks)
    return np.asarray(flat.all(axis=0).any(axis=0)) & ~cohort.diverged


def mean_slope(cohort: Cohort) -> npt.NDArray[np.floating]:
    """Return the mean slope over all examples and hidden neurons."""
    return np.asarray(slopes(cohort).mean(axis=(0, 1), dtype=np.float64))


@reading
def collapse_error(cohort: Cohort) -> npt.NDArray[np.floating]:
    """Return how far each linear network's outputs are from those of one matrix and one bias.

    The layers are multiplied out as they were trained, and both sides are computed in double precision.
    """
    parameters, x = cohort.parameters.astype(np.float64), cohort.data.x.astype(np.float64)
    (kernel, bias), (outgoing, output_bias) = cohort.network.unpack(parameters)
    with np.errstate(invalid="ignore", over="ignore"):  # a network that diverged has an error that is no number
        matrix = np.einsum("iun,uon->ion", kernel, outgoing)
        offset = np.einsum("un,uon->on", bias, outgoing) + output_bias
        one = np.einsum("ri,ion->ron", x, matrix) + offset
        return np.asarray(np.abs(one - cohort.network.forward(parameters, x)[-1]).max(axis=(0, 1)))


def _largest_collapse_error(cohorts: Mapping[str, Cohort]) -> float:
    return float(np.max([collapse_error(cohorts[name]) for name in ("blobs.linear", "xor.linear")]))


@final
class ActivationExperiment(Experiment[Parameters]):
    """Train the same networks with four activations, on data that needs a bend and on data that does not."""

    title = "What an activation is for"
    summary = "Trains networks with linear, ReLU, sigmoid and tanh neurons on four blobs and on XOR."
    parameters = Parameters
    figure_names = ("maps", "speed")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan every activation on both data sets; starts differ by nothing but the activation."""
        h = hyperparameters
        start, optimizer = Start.by(h.initializer), Optimizer(rate=h.rate)
        for activation in ACTIVATIONS:
            lab = BLOBS.using(activation, "2 hidden neurons, 4 outputs")
            yield Plan(f"blobs.{activation}", lab, start, h.steps, optimizer)
        for activation in ACTIVATIONS:
            lab = XOR.using(activation, f"{h.xor_hidden} hidden neurons, 1 output")
            yield Plan(f"xor.{activation}", lab, start, h.xor_steps, optimizer, width=h.xor_hidden)

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:
        """Say which activations there are, and what counts as success."""
        return {
            "activation": ", ".join(ACTIVATIONS.values()),
            "steps": f"{hyperparameters.steps:,} on the blobs, {hyperparameters.xor_steps:,} on XOR, full batch",
            "success": f"blobs: {BLOBS.bar_words}; XOR: {XOR.bar_words} by {MARGIN:g} of a logit or more",
        }

    measures = (
        *each(
            Family(
                "<data>.<activation>",
                choices={"data": {"blobs": "the blobs", "xor": "XOR"}, "activation": ACTIVATIONS},
            ),
            share("success", "networks of {activation} neurons that succeed on {data}", success),
            median(
                "loss",
                "cross-entropy of networks of {activation} neurons on {data} after training (median)",
                "nats",
                loss,
            ),
            median(
                "steps_needed",
                "first recorded step at which networks of {activation} neurons succeed on {data} (median of those that "
                "ever do, among the first 64)",
                "step",
                first_step(success),
            ),
            share(
                "silent_share",
                f"networks with a {{activation}} neuron whose slope on every example of {{data}} is below "
                f"{percent(SILENT)} of the greatest that it can have, after training",
                silenced,
            ),
            median(
                "slope_at_start",
                "slope of {activation} neurons on {data} before training, mean of a network (median)",
                "ratio",
                untrained(mean_slope),
            ),
            median(
                "slope",
                "slope of {activation} neurons on {data} after training, mean of a network (median)",
                "ratio",
                mean_slope,
            ),
        ),
        *whole(
            quantity(
                "collapse_error",
                "largest difference between a linear network's outputs and those of the one matrix and bias that its "
                "two layers amount to, over all networks and both data sets",
                "logit",
                _largest_collapse_error,
            )
        ),
    )

    replay = Replay(
        {f"xor.{activation}": f"XOR, {words} neurons" for activation, words in ACTIVATIONS.items()},
        moment=Moment("At least half of these networks have {bar}."),
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show what one network of each kind does with the plane, and how soon how many succeed."""
        yield maps_figure(result)
        yield speed_figure(result)
