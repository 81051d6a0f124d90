"""What training refuses, each time with what was wrong and what would be right."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from models.history import Recording
from models.network import ACTIVATION_NAMES, Network
from models.samples import Examples

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.integer]


def require(condition: bool, message: str) -> None:
    """Refuse with ``message`` what does not meet a condition.

    Raises:
        ValueError: it does not.
    """
    if not condition:
        raise ValueError(message)


def check_arrays(
    network: Network,
    start: Floats,
    members: Integers,
    rates: Floats,
    momenta: Floats,
    trainable: Floats,
    l2: Floats,
    activations: npt.NDArray[np.str_] | None,
) -> None:
    """Check the shapes of what is given for each network."""
    size = network.size
    require(
        start.ndim == 2 and len(start) == size and start.size > 0,
        f"start must have shape ({size}, networks), not {start.shape}",
    )
    count = start.shape[1]
    require(members.shape == (count,), f"members must name {count} networks, not {members.size}")
    for name, values in (("rate", rates), ("momentum", momenta)):
        require(values.shape in {(), (count,)}, f"{name} must be one number or {count}, not of shape {values.shape}")
    for name, values in (("trainable", trainable), ("l2", l2)):
        fits = values.shape in {(), (size, 1), (size, count)}
        require(fits, f"{name} must have shape ({size}, 1) or ({size}, {count}), not {values.shape}")
    require(bool((l2 >= 0).all()), "l2 must be 0 or more")
    if activations is not None:
        hidden = len(network.layers) - 1
        require(
            activations.shape == (hidden, count),
            f"activations must have shape ({hidden}, {count}), not {activations.shape}",
        )
        unknown = sorted(set(activations.ravel().tolist()) - set(ACTIVATION_NAMES))
        require(not unknown, f"activations must be of {', '.join(ACTIVATION_NAMES)}, not {', '.join(unknown)}")


def check_settings(optimizer: str, names: Sequence[str], steps: int, batch_size: int | None, dropout: float) -> None:
    """Check what is the same for all networks; the optimiser must be one of ``names``."""
    require(optimizer in names, f"optimizer must be one of {', '.join(names)}, not {optimizer!r}")
    require(0 <= steps < 2**31, f"steps must be from 0 to {2**31 - 1}, not {steps}")
    require(batch_size is None or batch_size >= 1, f"batch_size must be 1 or more, not {batch_size}")
    require(0 <= dropout < 1, f"dropout must be at least 0 and below 1, not {dropout}")


def check_recording(recording: Recording, count: int, *, own: bool) -> None:
    """Check which steps and networks are to be kept; ``own`` says whether networks have examples of their own."""
    require(min((*recording.steps, *recording.curves), default=0) >= 0, "recording must name steps from 0 on")
    require(set(recording.positions) <= set(range(count)), f"recording must name networks from 0 to {count - 1}")
    require(own or not recording.curves, "curves are recorded only where networks have examples of their own")


def check_sizes(network: Network, x: npt.NDArray[Any], targets: npt.NDArray[Any], what: str) -> None:
    """Check that examples (rows, features, ...) and targets (rows, outputs, ...) fit a network."""
    features, outputs = x.shape[1], targets.shape[1]
    fits = (features, outputs) == (network.sizes[0], network.sizes[-1])
    require(fits, f"{what} with {features} features and {outputs} targets is not for {network}")


def check_examples(network: Network, examples: Examples, rows: int, networks: int) -> None:
    """Check examples of each network's own, as they are drawn for ``networks`` networks."""
    for name, last in (("x", network.sizes[0]), ("targets", network.sizes[-1])):
        found, right = getattr(examples, name).shape, (rows, last, networks)
        require(found == right, f"{name} of each network's own must have shape {right}, not {found}")
    shape = examples.weights.shape
    require(shape == (rows, networks), f"weights must have shape {(rows, networks)}, not {shape}")
    require(bool((examples.weights >= 0).all()), "weights must be 0 or more")
