"""Predictions with dropout: networks of one hidden layer and one output under every mask, by its probability."""

from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np
import numpy.typing as npt

from models.datasets import Dataset
from models.plans import Cohort

Floats = npt.NDArray[np.floating]
BLOCK = 64  # networks that predict at a time
WAYS = {
    "whole": "dropout off",
    "left_on": "dropout left on, one pass",
    "averaged": "dropout left on, mean of all passes",
    "undivided": "dropout off, never divided",
}


@dataclass(frozen=True, eq=False)
class Passes:
    """What networks say of points whose classes are ``labels`` (rows,), whole and with neurons dropped.

    ``sums`` is the output's weighted sum without its bias, of the whole network, and ``mean_sums`` its mean over all
    masks, with what is kept divided by ``kept``, the share that is kept. ``right`` is the probability of the true class
    given by the whole network, ``mean_right`` its mean; ``ones`` is the probability that a pass answers class 1; all
    are (rows, networks). ``loss`` and ``loss_left_on`` (networks,) are mean losses, of the whole network and of a pass.
    """

    labels: npt.NDArray[np.intp]
    kept: float
    bias: Floats  # (networks,)
    sums: Floats
    mean_sums: Floats
    right: Floats
    mean_right: Floats
    ones: Floats
    loss: Floats
    loss_left_on: Floats

    @classmethod
    def of(cls, cohort: Cohort, data: Dataset) -> "Passes":
        """Let a cohort predict points, some networks at a time: with eight neurons there are 256 masks."""
        kept, signs = 1 - cohort.plan.dropout, (2 * data.labels - 1)[:, None].astype(np.float32)  # (rows, 1)
        masks = np.array(list(product((0, 1), repeat=cohort.network.sizes[1])), np.float32)  # (masks, units)
        likely = (kept**masks * (1 - kept) ** (1 - masks)).prod(axis=1)  # (masks,)
        mean = partial(np.tensordot, likely, axes=(0, 0))
        parts = []
        with np.errstate(invalid="ignore", over="ignore"):  # of networks that diverged
            for at in range(0, cohort.loss.size, BLOCK):
                parameters = cohort.parameters[:, at : at + BLOCK]
                kernel, bias = cohort.network.unpack(parameters)[1]
                hidden = np.maximum(cohort.network.forward(parameters, data.x)[0], 0)  # (rows, units, networks)
                terms = (hidden * kernel[:, 0]).astype(np.float32)
                sums = np.tensordot(masks / np.float32(kept), terms, (1, 1))  # (masks, rows, networks)
                losses = np.logaddexp(np.float32(0), -signs * (sums + bias[0]))
                whole = terms.sum(axis=1)  # (rows, networks)
                loss = np.logaddexp(np.float32(0), -signs * (whole + bias[0]))
                found = bias[0], whole, mean(sums), np.exp(-loss), mean(np.exp(-losses)), mean(sums + bias[0] > 0)
                parts.append((*found, loss.mean(axis=0), mean(losses).mean(axis=0)))
        return cls(data.labels, kept, *(np.concatenate(each, axis=-1) for each in zip(*parts, strict=True)))

    @property
    def undivided(self) -> Floats:
        """The outputs (rows, networks) of whole networks whose sums are as large as if nothing had been divided.

        Trained without the division, a network needs outgoing weights as much larger to say the same with dropout on.
        """
        return np.asarray(self.sums / self.kept + self.bias)

    def losses(self) -> dict[str, Floats]:
        """Return the mean loss (networks,) for each way to predict."""
        signs = (2 * self.labels - 1)[:, None]
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return {
                "whole": self.loss,
                "left_on": self.loss_left_on,
                "averaged": np.asarray(-np.log(self.mean_right).mean(axis=0)),
                "undivided": np.asarray(np.logaddexp(0, -signs * self.undivided).mean(axis=0)),
            }

    def accuracies(self) -> dict[str, Floats]:
        """Return the share (networks,) of points that are right for each way to predict; of one pass, its mean."""
        labels = self.labels[:, None]
        return {
            "whole": np.asarray((self.right > 0.5).mean(axis=0)),
            "left_on": np.asarray(np.where(labels == 1, self.ones, 1 - self.ones).mean(axis=0)),
            "averaged": np.asarray((self.mean_right > 0.5).mean(axis=0)),
            "undivided": np.asarray(((self.undivided > 0) == labels).mean(axis=0)),
        }

    def answers_differ(self) -> dict[str, Floats]:
        """Return the share (networks,) of points on which two passes differ, and their mean and the whole network.

        That of two passes is the one to be expected.
        """
        averaged = (self.mean_right > 0.5) != (self.right > 0.5)
        pair = 2 * self.ones * (1 - self.ones)
        return {"left_on": np.asarray(pair.mean(axis=0)), "averaged": np.asarray(averaged.mean(axis=0))}

    def mean_ratio(self) -> dict[str, Floats]:
        """Return the mean sum (networks,) at the output with dropout, in parts of the whole network's, bias left out.

        It is the slope of a line through 0 over all points, so that no point is divided by a sum near 0.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            divided = (self.mean_sums * self.sums).sum(axis=0) / (self.sums**2).sum(axis=0)
        return {"divided": np.asarray(divided), "undivided": np.asarray(divided * self.kept)}
