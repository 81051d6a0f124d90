"""Ask how large the starting weights should be, and what the rules of Glorot and He change.

The blobs network is trained from normal starts with standard deviations from 0.0001 to 100 and from the two rules, with
ReLU and with tanh neurons. What can go wrong is looked for at the start and at the end: ReLU neurons that fire on no
point, tanh neurons that sit on the flat ends of their curve, outputs that are sure of the wrong class. What the rules
are made for shows in a deep network only: there the signal is followed, untrained, through ten layers.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar, final

import numpy as np
import numpy.typing as npt
from pydantic import Field
from scipy.special import log_softmax

from models.datasets import blobs
from models.ensemble import History, Optimizer, Progress, Recording, Timing, Trained, gradients, log_spaced, train
from models.experiment import Declared, Experiment, Findings, Hyperparameters, Rate, Result
from models.figures import Figure
from models.figures.init_scale import signal_figure, squashing_figure, success_figure
from models.initializers import Initializer, start
from models.network import Activation, Floats, Network, activate

ACTIVATIONS: tuple[Activation, ...] = ("relu", "tanh")
NETWORKS = {activation: Network((2, 2, 4), activation, "softmax_crossentropy") for activation in ACTIVATIONS}
CONVERGED = 0.99  # accuracy
SCALES = (1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0, 100.0)
STARTS: dict[str, tuple[Initializer, float, str]] = {
    **{f"{scale:g}": ("normal", scale, f"standard deviation {scale:g}") for scale in SCALES},
    "glorot": ("glorot_uniform", 1.0, "Glorot uniform"),
    "he": ("he_normal", 1.0, "He normal"),
}
FLAT, MOST = 0.01, 0.9  # a slope of tanh that counts as flat, and the share of points that counts as most
RECORDED = 64  # networks of each start

DEEP = Network((2, *(32,) * 10, 4), "relu", "softmax_crossentropy")
DEEP_NETWORKS = 16
DEEP_STARTS: dict[str, tuple[Initializer, float, str]] = {
    "0.01": ("normal", 0.01, "standard deviation 0.01"),
    "glorot": ("glorot_uniform", 1.0, "Glorot uniform"),
    "he": ("he_normal", 1.0, "He normal"),
    "1": ("normal", 1.0, "standard deviation 1"),
}


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: int = Field(800, ge=1, le=10_000, description="full-batch training steps from each start")
    rate: Rate = 0.01


@final
class InitScale(Experiment[Parameters]):
    """Train from starts of many sizes, and look for dead and saturated neurons."""

    title = "How large the starting weights are"
    summary = (
        "Trains blobs networks from starting weights of size 0.0001 to 100, and by the rules of Glorot and He, and "
        "follows the signal through ten untrained layers."
    )
    parameters = Parameters
    declared: ClassVar = {
        **{
            f"success.{activation}.{name}": Declared(
                "share", f"{activation} networks that get 99 % right; start: {words}"
            )
            for activation in ACTIVATIONS
            for name, (_, _, words) in STARTS.items()
        },
        **{
            f"dead_share.{name}": Declared(
                "share", f"trained ReLU networks with a neuron that fires on no point; start: {words}"
            )
            for name, (_, _, words) in STARTS.items()
        },
        **{
            f"saturated_share.{name}": Declared(
                "share", f"trained tanh networks with a neuron that is flat on most points; start: {words}"
            )
            for name, (_, _, words) in STARTS.items()
        },
        **{
            f"saturated_share_at_start.{name}": Declared(
                "share", f"untrained tanh networks with a neuron that is flat on most points; start: {words}"
            )
            for name, (_, _, words) in STARTS.items()
        },
        "diverged_share": Declared("share", "networks that diverged from one start at least"),
        **{
            f"loss.{activation}.{name}": Declared(
                "quantity", f"cross-entropy after training (median), {activation}; start: {words}", "nats"
            )
            for activation in ACTIVATIONS
            for name, (_, _, words) in STARTS.items()
        },
        **{
            f"loss_at_start.{activation}.{name}": Declared(
                "quantity",
                f"cross-entropy before training (median of the first {RECORDED}), {activation}; start: {words}",
                "nats",
            )
            for activation in ACTIVATIONS
            for name, (_, _, words) in STARTS.items()
        },
        **{
            f"first_gradient.{activation}.{name}": Declared(
                "quantity",
                f"mean size of the gradient by an incoming weight before training (median of the first {RECORDED}), "
                f"{activation}; start: {words}",
                "nats per weight",
            )
            for activation in ACTIVATIONS
            for name, (_, _, words) in STARTS.items()
        },
        **{
            f"signal.{name}": Declared(
                "quantity",
                "root mean square of the outputs of the tenth hidden layer, relative to those of the first, untrained "
                f"ReLU network of width 32 (median of the first {DEEP_NETWORKS}); start: {words}",
                "ratio",
            )
            for name, (_, _, words) in DEEP_STARTS.items()
        },
    }

    def setup(self, hyperparameters: Parameters) -> dict[str, str]:
        """Describe the set-up."""
        return {
            "data": "four blobs, 100 points, 2 features",
            "network": "2 ReLU or tanh hidden neurons, 4 outputs",
            "initialiser": f"normal, standard deviations {', '.join(f'{scale:g}' for scale in SCALES)}; Glorot "
            "uniform; He normal; biases 0",
            "loss": "softmax cross-entropy",
            "optimiser": f"Adam, rate {hyperparameters.rate:g}",
            "steps": f"{hyperparameters.steps:,}, full batch",
            "flat on most points": f"the slope of tanh is below {FLAT:g} on at least {MOST:.0%} of the points",
            "signal": "10 hidden layers of 32 ReLU neurons, not trained, every fourth point",
        }

    def cost(self, hyperparameters: Parameters, networks: int) -> int:
        """Count every network once for each start and activation."""
        return networks * hyperparameters.steps * len(STARTS) * len(ACTIVATIONS)

    def train(self, hyperparameters: Parameters, *, networks: int, seed: int, progress: Progress) -> dict[str, Trained]:
        """Train one ensemble for each activation, side by side, and draw the deep networks."""
        members = np.arange(networks)
        recorded = np.concatenate([at * networks + members[:RECORDED] for at in range(len(STARTS))])

        def swept(activation: Activation) -> Trained:
            network = NETWORKS[activation]
            starts = [
                start(network, rule, seed=seed, networks=members, scale=scale) for rule, scale, _ in STARTS.values()
            ]
            return train(
                network,
                np.concatenate(starts, axis=1),
                blobs.load(),
                Optimizer(rate=hyperparameters.rate),
                steps=hyperparameters.steps,
                seed=seed,
                networks=np.tile(members, len(STARTS)),
                recording=Recording(log_spaced(hyperparameters.steps), tuple(recorded.tolist())),
                progress=progress,
            )

        with ThreadPoolExecutor(len(ACTIVATIONS)) as beside:
            ensembles = dict(zip(ACTIVATIONS, beside.map(swept, ACTIVATIONS), strict=True))
        cohorts = {
            f"{activation}.{name}": trained.part(slice(at * networks, (at + 1) * networks))
            for activation, trained in ensembles.items()
            for at, name in enumerate(STARTS)
        }
        deep = {
            f"deep.{name}": _untrained(start(DEEP, rule, seed=seed, networks=members[:DEEP_NETWORKS], scale=scale))
            for name, (rule, scale, _) in DEEP_STARTS.items()
        }
        return cohorts | deep

    def measure(self, cohorts: Mapping[str, Trained], findings: Findings) -> None:
        """Count success and what stands in its way, before and after training."""
        data = blobs.load()
        for activation, network in NETWORKS.items():
            starts = [cohorts[f"{activation}.{name}"].start[:, :RECORDED] for name in STARTS]
            slopes = np.split(gradients(network, np.concatenate(starts, axis=1), data), len(STARTS), axis=1)
            for name, slope in zip(STARTS, slopes, strict=True):
                trained = cohorts[f"{activation}.{name}"]
                accuracy = network.accuracy(trained.parameters, data.x, data.labels)
                findings.share(f"success.{activation}.{name}", accuracy >= CONVERGED)
                findings.median(f"loss.{activation}.{name}", trained.loss)
                findings.median(f"loss_at_start.{activation}.{name}", trained.history.loss[0])
                incoming = np.abs(slope[network.layers[0].kernel]).mean(axis=0)  # (networks,)
                findings.median(f"first_gradient.{activation}.{name}", incoming)
        for name in STARTS:
            relu, tanh = cohorts[f"relu.{name}"], cohorts[f"tanh.{name}"]
            fires = relu.network.forward(relu.parameters, data.x)[0] > 0  # (rows, units, networks)
            findings.share(f"dead_share.{name}", np.asarray((~fires.any(axis=0)).any(axis=0)) & ~relu.diverged)
            findings.share(f"saturated_share.{name}", _saturated(tanh, tanh.parameters))
            findings.share(f"saturated_share_at_start.{name}", _saturated(tanh, tanh.start))
        trained_ones = [cohorts[f"{activation}.{name}"].diverged for activation in ACTIVATIONS for name in STARTS]
        findings.share("diverged_share", np.any(trained_ones, axis=0))
        for name in DEEP_STARTS:
            strength = signal_strength(cohorts[f"deep.{name}"].start)
            findings.median(f"signal.{name}", strength[-1] / strength[0])

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show where the points fall on the tanh curve, success against scale, and the signal in a deep network."""
        shown = ("0.01", "1", "100")
        inputs = {}
        for name in shown:
            trained = result.cohorts[f"tanh.{name}"]
            inputs[name] = trained.network.forward(trained.start[:, :1], blobs.load().x)[0][:, :, 0].ravel()
        yield squashing_figure(inputs, FLAT)
        yield success_figure(result, list(STARTS))
        yield signal_figure(
            {
                words: np.median(signal_strength(result.cohorts[f"deep.{name}"].start), axis=1)
                for name, (_, _, words) in DEEP_STARTS.items()
            }
        )


def _saturated(trained: Trained, parameters: Floats) -> npt.NDArray[np.bool_]:
    """Say for each network (networks,) whether a tanh neuron is flat on most points."""
    outputs = np.tanh(trained.network.forward(parameters, blobs.load().x)[0])  # (rows, units, networks)
    flat = (1 - outputs**2 < FLAT).mean(axis=0) >= MOST  # (units, networks)
    return np.asarray(flat.any(axis=0))


def _untrained(starts: npt.NDArray[np.float32]) -> Trained:
    """Return deep networks as they start, after no steps at all."""
    data = blobs.load()
    outputs = DEEP.forward(starts, data.x)[-1].astype(np.float64)  # (rows, outputs, networks)
    loss = -(log_softmax(outputs, axis=1) * data.targets[:, :, None]).sum(axis=1).mean(axis=0)
    nothing = np.empty(0, np.intp)
    history = History(nothing, nothing, np.empty((0, DEEP.size, 0), np.float32), np.empty((0, 0), np.float32))
    return Trained(DEEP, 0, starts, starts, loss.astype(np.float32), history, Timing(0.0, 0.0))


def signal_strength(parameters: Floats) -> npt.NDArray[np.float64]:
    """Return the root mean square (layers, networks) of each hidden layer's outputs in the deep network.

    ``parameters`` has shape (P, networks).
    """
    layers = DEEP.forward(parameters, blobs.load().x[::4])[:-1]
    squares = [np.mean(activate(DEEP.activation, values).astype(np.float64) ** 2, axis=(0, 1)) for values in layers]
    return np.asarray(np.sqrt(np.stack(squares)))
