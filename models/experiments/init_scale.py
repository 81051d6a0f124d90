"""Ask how large the starting weights should be, and what the rules of Glorot and He change.

The blobs network is trained from normal starts with standard deviations from 0.0001 to 100 and from the two rules, with
ReLU and with tanh neurons. What can go wrong is looked for at the start and at the end: ReLU neurons that fire on no
point, tanh neurons that sit on the flat ends of their curve, outputs that are sure of the wrong class. What the rules
are made for shows in a deep network only: there the signal is followed, untrained, through ten layers.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from typing import final

import numpy as np
import numpy.typing as npt
from pydantic import Field

from models.ensemble import Optimizer, gradients
from models.experiment import Experiment, Hyperparameters, Rate, Result
from models.figures import Figure
from models.figures.init_scale import signal_figure, squashing_figure, success_figure
from models.labs.blobs import BLOBS
from models.measures import Family, each, median, percent, share, together
from models.network import Network, activate
from models.plans import RECORDED, Cohort, Plan, Start, reading
from models.readings import Booleans, dead, loss, saturated, slopes, success, untrained
from models.replay import Moment, Replay
from models.wordings import FullBatchSteps

LABS = {"relu": BLOBS, "tanh": BLOBS.using("tanh", "2 tanh hidden neurons, 4 outputs")}
SCALES = (1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0, 100.0)
STARTS = {
    **{f"{scale:g}": replace(Start.by("normal", scale), words=f"standard deviation {scale:g}") for scale in SCALES},
    "glorot": replace(Start.by("glorot_uniform"), words="Glorot uniform"),
    "he": replace(Start.by("he_normal"), words="He normal"),
}
WORDS = {name: start.words for name, start in STARTS.items()}
EVERY = Family(
    "<activation>.<start>", "start: {start}", choices={"activation": {"relu": "ReLU", "tanh": "tanh"}, "start": WORDS}
)
FLAT, MOST = 0.01, 0.9  # a slope of tanh that counts as flat, and the share of points that counts as most

DEEP = replace(BLOBS, network=Network((2, *(32,) * 10, 4), "relu", "softmax_crossentropy"))
DEEP_STARTS = {name: WORDS[name] for name in ("0.01", "glorot", "he", "1")}
DEEP_NETWORKS = 16


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: FullBatchSteps = Field(800, ge=1, le=10_000, description="full-batch training steps from each start")
    rate: Rate = 0.01


def saturated_tanh(cohort: Cohort) -> Booleans:
    """Say which networks have a tanh neuron that is flat on most points."""
    return saturated(slopes(cohort) < FLAT, MOST)


def loss_at_start(cohort: Cohort) -> npt.NDArray[np.floating]:
    """Return the loss of the recorded networks before training."""
    return np.asarray(cohort.history.loss[0])


def first_gradients(cohorts: Mapping[str, Cohort]) -> dict[str, npt.NDArray[np.floating]]:
    """Return the mean size of the gradient by an incoming weight before training, of each cohort's recorded networks.

    All starts of a network go through TensorFlow at once, which takes a tenth of the time.
    """
    found: dict[str, npt.NDArray[np.floating]] = {}
    for network, alike in groupby(cohorts.items(), key=lambda item: item[1].network):
        names, each = zip(*alike, strict=True)
        starts = [cohort.start[:, cohort.history.positions] for cohort in each]
        slope = gradients(network, np.concatenate(starts, axis=1), each[0].data)[network.layers[0].kernel]
        found |= zip(names, np.split(np.abs(slope).mean(axis=0), len(each)), strict=True)
    return found


@reading
def signal_strength(cohort: Cohort) -> npt.NDArray[np.float64]:
    """Return the root mean square (layers, networks) of each hidden layer's outputs, on every fourth point."""
    layers = cohort.network.forward(cohort.parameters, cohort.data.x[::4])[:-1]
    activation = cohort.network.activation
    squares = [np.mean(activate(activation, values).astype(np.float64) ** 2, axis=(0, 1)) for values in layers]
    return np.asarray(np.sqrt(np.stack(squares)))


def signal_left(cohort: Cohort) -> npt.NDArray[np.float64]:
    """Return the signal in the last hidden layer, relative to the first."""
    strength = signal_strength(cohort)
    return np.asarray(strength[-1] / strength[0])


@final
class InitScale(Experiment[Parameters]):
    """Train from starts of many sizes, and look for dead and saturated neurons."""

    title = "How large the starting weights are"
    summary = (
        "Trains blobs networks from starting weights of size 0.0001 to 100, and by the rules of Glorot and He, and "
        "follows the signal through ten untrained layers."
    )
    parameters = Parameters
    figure_names = ("squashing", "success", "signal")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan every start with either activation, and the deep networks, which are only drawn."""
        optimizer = Optimizer(rate=hyperparameters.rate)
        for activation, lab in LABS.items():
            for name, start in STARTS.items():
                yield Plan(f"{activation}.{name}", lab, start, hyperparameters.steps, optimizer)
        for name in DEEP_STARTS:
            yield Plan(f"deep.{name}", DEEP, STARTS[name], steps=0, members=range(DEEP_NETWORKS), aside=True)

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:  # noqa: ARG002
        """Say what the starts are, when a neuron is flat, and where the signal is followed."""
        return {
            "initialiser": f"normal, standard deviations {', '.join(f'{scale:g}' for scale in SCALES)}; Glorot "
            "uniform; He normal; biases 0",
            "flat on most points": f"the slope of tanh is below {FLAT:g} on at least {percent(MOST)} of the points",
            "signal": "10 hidden layers of 32 ReLU neurons, not trained, every fourth point",
        }

    measures = (
        *each(
            EVERY,
            share("success", "{activation} networks that get 99 % right", success),
            median("loss", "cross-entropy after training (median), {activation}", "nats", loss),
            median(
                "loss_at_start",
                f"cross-entropy before training (median of the first {RECORDED}), {{activation}}",
                "nats",
                loss_at_start,
            ),
        ),
        *together(
            EVERY,
            median(
                "first_gradient",
                f"mean size of the gradient by an incoming weight before training (median of the first {RECORDED}), "
                "{activation}",
                "nats per weight",
                first_gradients,
            ),
        ),
        *each(
            Family("relu.<start>", "start: {start}", "<start>", {"start": WORDS}),
            share("dead_share", "trained ReLU networks with a neuron that fires on no point", dead),
        ),
        *each(
            Family("tanh.<start>", "start: {start}", "<start>", {"start": WORDS}),
            share("saturated_share", "trained tanh networks with a neuron that is flat on most points", saturated_tanh),
            share(
                "saturated_share_at_start",
                "untrained tanh networks with a neuron that is flat on most points",
                untrained(saturated_tanh),
            ),
        ),
        *each(
            Family("deep.<start>", "start: {start}", "<start>", {"start": DEEP_STARTS}),
            median(
                "signal",
                "root mean square of the outputs of the tenth hidden layer, relative to those of the first, untrained "
                f"ReLU network of width 32 (median of the first {DEEP_NETWORKS})",
                "ratio",
                signal_left,
            ),
        ),
    )

    replay = Replay(
        {
            "tanh.0.01": "tanh, weights of 0.01",
            "tanh.glorot": "tanh, by Glorot's rule",
            "tanh.10": "tanh, weights of 10",
            "tanh.100": "tanh, weights of 100",
        },
        moment=Moment("From these weights, at least half of the networks have {bar} by this step."),
        view="signals",
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show where the points fall on the tanh curve, success against scale, and the signal in a deep network."""
        yield squashing_figure({name: result.cohorts[f"tanh.{name}"] for name in ("0.01", "1", "100")}, FLAT)
        yield success_figure(result, list(STARTS))
        yield signal_figure(
            {
                words: np.median(signal_strength(result.cohorts[f"deep.{name}"]), axis=1)
                for name, words in DEEP_STARTS.items()
            }
        )
