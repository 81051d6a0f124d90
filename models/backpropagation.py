"""The chain rule by hand: how the error at the outputs becomes a gradient for every weight, example by example.

Training takes its gradients from TensorFlow. What stands here are the same equations written out in NumPy, in double
precision, with every number on the way: for showing them, and for checking one against the other.

Reference:
    Rumelhart, Hinton and Williams 1986, "Learning representations by back-propagating errors".
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logsumexp, softmax

from models.datasets import Dataset
from models.network import CLIP, Activation, Network, activate, sum_of_products

Floats = npt.NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class BackwardPass:
    """Every number of the forward and the backward pass, for each example, in a network with one hidden layer.

    H is the number of hidden neurons, K that of the outputs; the last axis is the network.
    """

    sums: Floats  # (rows, H), w_j @ x + b_j
    activations: Floats  # (rows, H), a_j = g(sum)
    outputs: Floats  # (rows, K), z_k
    predictions: Floats  # (rows, K), probabilities, or the outputs themselves for the squared error
    errors: Floats  # (rows, K), the derivative of the loss by z_k
    upstream: Floats  # (rows, H), the derivative by a_j: the errors weighed with the outgoing weights and summed
    slopes: Floats  # (rows, H), g'(sum)
    deltas: Floats  # (rows, H), upstream * slope: the derivative by each neuron's sum, and by its bias
    gradients: Floats  # (rows, P), the gradient of each example's own loss

    @property
    def worst(self) -> npt.NDArray[np.intp]:
        """The example (networks,) with the largest error at an output."""
        return np.asarray(np.abs(self.errors).max(axis=1).argmax(axis=0))


def backward_pass(network: Network, parameters: Floats, data: Dataset) -> BackwardPass:
    """Send every example forward through every network, and its error back; ``parameters`` has shape (P, networks).

    Raises:
        ValueError: the network has not exactly one hidden layer, or its loss is a learner's mistake.
    """
    if network.loss in ("softmax_twice", "raw_crossentropy"):
        raise ValueError(f"the chain rule is written out for a cross-entropy or the squared error, not {network.loss}")
    if len(network.layers) != 2:
        raise ValueError(f"the chain rule is written out for one hidden layer, not for {network.sizes}")
    parameters = parameters.astype(np.float64)
    x = data.x.astype(np.float64)  # (rows, inputs)
    kernel, _ = network.unpack(parameters)[1]  # (H, K, networks)
    with np.errstate(invalid="ignore", over="ignore"):  # a network that diverged gives numbers that are not finite
        sums, outputs = network.forward(parameters, x)
        activations = activate(network.activation, sums)  # (rows, H, networks)
        predictions = _predictions(network, outputs)  # (rows, K, networks)
        errors = predictions - data.targets[:, :, None]  # (rows, K, networks)
        if network.loss != "softmax_crossentropy":  # a mean over the outputs
            errors = errors * (2 if network.loss == "squared_error" else 1) / network.sizes[-1]
        upstream = sum_of_products(errors, kernel.swapaxes(0, 1))  # (rows, H, networks)
        slopes = slope(network.activation, sums, activations)  # (rows, H, networks)
        deltas = upstream * slopes  # (rows, H, networks)
        parts = (
            x[:, :, None, None] * deltas[:, None],  # (rows, inputs, H, networks)
            deltas,
            activations[:, :, None] * errors[:, None],  # (rows, H, K, networks)
            errors,
        )
    gradients = np.concatenate([part.reshape(len(x), -1, parameters.shape[1]) for part in parts], axis=1)
    return BackwardPass(sums, activations, outputs, predictions, errors, upstream, slopes, deltas, gradients)


def losses(network: Network, parameters: Floats, data: Dataset) -> Floats:
    """Return each example's loss (rows, networks) in double precision; ``parameters`` has shape (P, networks)."""
    targets = data.targets[:, :, None].astype(np.float64)  # (rows, outputs, 1)
    with np.errstate(invalid="ignore", over="ignore"):
        outputs = network.forward(parameters.astype(np.float64), data.x.astype(np.float64))[-1]
        if network.loss == "squared_error":
            found: Floats = ((outputs - targets) ** 2).mean(axis=1)
        elif network.loss == "binary_crossentropy":
            found = (np.logaddexp(0, outputs) - outputs * targets).mean(axis=1)
        elif network.loss == "raw_crossentropy":
            clipped = np.clip(outputs, CLIP, 1 - CLIP)  # (rows, outputs, networks)
            found = np.log(clipped.sum(axis=1)) - (np.log(clipped) * targets).sum(axis=1)
        else:
            if network.loss == "softmax_twice":
                outputs = softmax(outputs, axis=1)  # (rows, outputs, networks)
            found = logsumexp(outputs, axis=1) - (outputs * targets).sum(axis=1)
    return found


def finite_differences(network: Network, parameters: Floats, data: Dataset, step: float = 1e-5) -> Floats:
    """Return the gradient (P, networks) of the mean loss from the losses alone: nudge each weight up, and down.

    These are central differences. In double precision and for a smooth activation, both their own error and that of
    rounding stay near 1e-10 of a gradient near 1.
    """
    parameters = parameters.astype(np.float64)
    found = np.empty_like(parameters)
    for place in range(len(parameters)):
        nudge = np.zeros((len(parameters), 1))
        nudge[place] = step
        above, below = (losses(network, parameters + sign * nudge, data).mean(axis=0) for sign in (1, -1))
        found[place] = (above - below) / (2 * step)
    return found


def _predictions(network: Network, outputs: Floats) -> Floats:
    if network.loss == "binary_crossentropy":
        return np.asarray(expit(outputs))
    return np.asarray(softmax(outputs, axis=1)) if network.loss == "softmax_crossentropy" else outputs


def slope(activation: Activation, sums: Floats, activations: Floats) -> Floats:
    """Return the derivative of an activation (...) at sums (...) whose activations (...) are known.

    That of ReLU at 0 counts as 0, as in TensorFlow.
    """
    match activation:
        case "relu":
            return np.heaviside(sums.astype(np.float64), 0.0)
        case "sigmoid":
            return np.asarray(activations * (1 - activations))
        case "tanh":
            return np.asarray(1 - activations**2)
    return np.where(np.isnan(sums), np.nan, 1.0)
