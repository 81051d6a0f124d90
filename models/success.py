"""When a trained network counts as successful: nearly all points of a cloud right, or every corner of XOR.

Networks that give all corners the same answer end with outputs that differ from 0 by rounding alone, and now and then
the signs of four roundings happen to be those of XOR. So a single output must be clear of 0 before it counts.
"""

import numpy as np
import numpy.typing as npt

from models.datasets import Dataset
from models.network import Network

ACCURACY = 0.99
MARGIN = 1e-3  # logits


def succeeded(network: Network, parameters: npt.NDArray[np.floating], data: Dataset) -> npt.NDArray[np.bool_]:
    """Say for each network (networks,) whether it succeeds on ``data``; ``parameters`` has shape (P, networks).

    With one output, that is all rows right by `MARGIN` at least; with several, `ACCURACY` of the rows.
    """
    if network.sizes[-1] > 1:
        return np.asarray(network.accuracy(parameters, data.x, data.labels) >= ACCURACY)
    outputs = network.forward(parameters, data.x)[-1][:, 0]  # (rows, networks)
    sign = np.where(data.labels == 1, 1, -1)[:, None]
    return np.asarray((sign * outputs >= MARGIN).all(axis=0))
