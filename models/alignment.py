"""Which neuron of one network is which neuron of another, or which line of the data it draws.

Neurons are matched by the lines that they draw and not by their weights: a sigmoid neuron and its mirror image (all
signs flipped, the next layer making up for it) draw the same line.
"""

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

Floats = npt.NDArray[np.floating]


def angles(normals: Floats, kernel: Floats) -> npt.NDArray[np.float64]:
    """Return the angle in degrees (lines, units, networks), 0 to 90, between reference lines and neurons' lines.

    ``normals`` (lines, features) holds one normal of length 1 for each reference line, ``kernel`` (features, units,
    networks) the neurons' incoming weights. A neuron without weights, or with weights that are no finite numbers, draws
    no line and gets 90 degrees.
    """
    weights = np.where(np.isfinite(kernel).all(axis=0), kernel, 0).astype(np.float64)
    length = np.linalg.norm(weights, axis=0)  # (units, networks)
    along = np.abs(np.einsum("lf,fun->lun", normals, weights))  # (lines, units, networks)
    cosine = np.divide(along, length, out=np.zeros_like(along), where=np.broadcast_to(length > 0, along.shape))
    degrees: npt.NDArray[np.float64] = np.degrees(np.arccos(np.clip(cosine, 0, 1)))
    return degrees


def assign(cost: Floats) -> npt.NDArray[np.intp]:
    """Return for each line the unit (lines, networks) that is assigned to it, so that a network's summed cost is least.

    ``cost`` has shape (lines, units, networks) with at least as many units as lines; no unit is assigned to two lines.
    Method: Kuhn's assignment, in SciPy's version.
    """
    assigned = np.empty((cost.shape[0], cost.shape[2]), np.intp)
    for network in range(cost.shape[2]):
        assigned[:, network] = linear_sum_assignment(cost[:, :, network])[1]
    return assigned


def gap(kernel: Floats, bias: Floats) -> Floats:
    """Return how far the first two neurons of a layer are apart, for each network (networks,).

    That is the largest absolute difference between their incoming weights ``kernel`` (inputs, units, networks) and
    biases ``bias`` (units, networks). It is 0 only where the two neurons are the same to the last bit.
    """
    both = np.concatenate((kernel, bias[None]))  # (inputs + 1, units, networks)
    with np.errstate(invalid="ignore", over="ignore"):  # a network that diverged has a gap that is no finite number
        widest: Floats = np.abs(both[:, 0] - both[:, 1]).max(axis=0)
    return widest
