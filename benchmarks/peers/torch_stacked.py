"""PyTorch with the networks' parameters stacked: batched products, autograd, its own fused Adam; eager."""

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from benchmarks.harness import RATE, SHORT, STEPS, Floats, Problem, Result, Way, ensembles, main


def run(problem: Problem) -> Result:
    """Measure ensembles of every size."""
    x = torch.from_numpy(problem.x)  # (rows, inputs)
    labels = torch.from_numpy(problem.targets.argmax(axis=1))  # (rows,)

    def losses(parameters: list[torch.Tensor]) -> torch.Tensor:
        """Compute each network's loss (networks,)."""
        w1, b1, w2, b2 = parameters
        every = x.expand(len(w1), *x.shape)  # (networks, rows, inputs)
        h = torch.relu(torch.baddbmm(b1[:, None], every, w1))  # (networks, rows, hidden)
        z = torch.baddbmm(b2[:, None], h, w2)  # (networks, rows, outputs)
        rows = cross_entropy(z.flatten(0, 1), labels.repeat(len(w1)), reduction="none")
        return rows.reshape(len(w1), -1).mean(dim=1)

    def train(networks: int, steps: int) -> Floats:
        stacked = (np.ascontiguousarray(np.moveaxis(part, -1, 0)) for part in problem.start(networks))
        parameters = [torch.from_numpy(part).requires_grad_() for part in stacked]
        adam = torch.optim.Adam(parameters, lr=RATE, eps=1e-7, fused=True)
        for _ in range(steps):
            adam.zero_grad()
            losses(parameters).sum().backward()
            adam.step()
        with torch.no_grad():
            found: Floats = losses(parameters).numpy()
        return found

    return Result(ensembles(Way.TORCH, train, (STEPS, SHORT, SHORT)))


if __name__ == "__main__":
    main(run)
