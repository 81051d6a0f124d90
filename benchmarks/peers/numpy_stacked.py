"""NumPy with the ensemble axis last, the backward pass written by hand, 64 networks at a time so that caches hold them.

The sums over the shared examples are matrix products. What is left is one core's arithmetic on arrays.
"""

import numpy as np

from benchmarks.harness import RATE, SHORT, STEPS, Floats, Problem, Result, Way, ensembles, main

BLOCK = 64


def train(problem: Problem, begin: int, steps: int) -> Floats:
    """Train the block that begins with network ``begin``; return its losses (networks,)."""
    x, targets, rows = problem.x, problem.targets[:, :, None], len(problem.x)
    ones = np.ones((1, rows), np.float32)
    parameters = [part[..., begin : begin + BLOCK].copy() for part in problem.start(begin + BLOCK)]
    first, second = [np.zeros_like(part) for part in parameters], [np.zeros_like(part) for part in parameters]
    for step in range(1, steps + 1):
        w1, b1, w2, b2 = parameters
        z = (x @ w1.reshape(2, -1)).reshape(rows, 2, -1) + b1  # (rows, hidden, networks)
        h = np.maximum(z, 0)  # (rows, hidden, networks)
        d = _exponentials(_outputs(h, w2, b2))  # (rows, outputs, networks)
        d /= d.sum(axis=1, keepdims=True)
        d -= targets
        d /= rows
        back = np.stack([(d * w2[i]).sum(axis=1) for i in range(2)], axis=1) * (z > 0)  # (rows, hidden, networks)
        flat = back.reshape(rows, -1)  # (rows, hidden * networks)
        gradients = (
            (x.T @ flat).reshape(w1.shape),
            (ones @ flat).reshape(b1.shape),
            np.stack([(h[:, i, None] * d).sum(axis=0) for i in range(2)]),
            (ones @ d.reshape(rows, -1)).reshape(b2.shape),
        )
        for each in zip(parameters, first, second, gradients, strict=True):
            _adam(step, *each)
    w1, b1, w2, b2 = parameters
    z = _outputs(np.maximum((x @ w1.reshape(2, -1)).reshape(rows, 2, -1) + b1, 0), w2, b2)  # (rows, outputs, networks)
    share = np.sum(_exponentials(z.copy()), axis=1)  # (rows, networks)
    loss: Floats = np.mean(np.log(share) - np.sum((z - z.max(axis=1, keepdims=True)) * targets, axis=1), axis=0)
    return loss


def _adam(step: int, parameter: Floats, m: Floats, v: Floats, gradient: Floats) -> None:
    """Change one kernel or bias, and what Adam remembers of it, in place."""
    corrected = np.float32(RATE * np.sqrt(1 - 0.999**step) / (1 - 0.9**step))
    m += (gradient - m) * np.float32(0.1)
    v += (np.square(gradient) - v) * np.float32(0.001)
    parameter -= corrected * m / (np.sqrt(v) + np.float32(1e-7))


def _outputs(h: Floats, w2: Floats, b2: Floats) -> Floats:
    z: Floats = h[:, 0, None] * w2[0]  # (rows, outputs, networks)
    z += h[:, 1, None] * w2[1]
    z += b2
    return z


def _exponentials(z: Floats) -> Floats:
    """Replace z (rows, outputs, networks) by exp(z - max(z))."""
    z -= z.max(axis=1, keepdims=True)
    return np.exp(z, out=z)


def run(problem: Problem) -> Result:
    """Measure ensembles of every size."""

    def blocks(networks: int, steps: int) -> Floats:
        return np.concatenate([train(problem, begin, steps) for begin in range(0, networks, BLOCK)])

    return Result(ensembles(Way.NUMPY, blocks, (STEPS, SHORT, SHORT)))


if __name__ == "__main__":
    main(run)
