"""Replays of real trainings for the player's tests, in the form that docs/replay.md describes."""

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from models.datasets import Dataset
from models.ensemble import Optimizer, Recording, Trained, log_spaced, train
from models.initializers import Initializer, start
from models.network import Network


def packed(numbers: npt.NDArray[Any]) -> dict[str, Any]:
    """Return numbers as the replay holds them."""
    little = np.ascontiguousarray(numbers, "<f4").tobytes()
    return {"shape": list(numbers.shape), "float32": base64.b64encode(little).decode()}


@dataclass(frozen=True, eq=False)
class Recorded:
    """One training with what the server says of it."""

    network: Network
    data: Dataset
    trained: Trained

    @property
    def steps(self) -> list[int]:
        steps: list[int] = self.trained.history.steps.tolist()
        return steps

    def outputs(self, at: int) -> npt.NDArray[np.floating]:
        """Return the outputs (rows, outputs, networks) at a recorded step, in single precision."""
        return self.network.forward(self.trained.history.parameters[at], self.data.x)[-1]

    def right(self) -> npt.NDArray[np.intp]:
        """Count the points (steps, networks) that are right."""
        found = []
        for at in range(len(self.steps)):
            outputs = self.outputs(at)
            hit = self.network.classify(outputs) == self.data.labels[:, None]
            found.append((hit & np.isfinite(outputs).all(axis=1)).sum(axis=0))
        return np.array(found)

    def cohort(self, name: str = "main", **more: Any) -> dict[str, Any]:
        """Return the cohort as the server sends it."""
        history, right = self.trained.history, self.right()
        done = right[-1] == len(self.data.x)
        groups = [("got there", np.flatnonzero(done)), ("did not", np.flatnonzero(~done))]
        return {
            "name": name,
            "title": f"The networks of {name}",
            "of": self.trained.loss.size,
            "network": {
                "sizes": list(self.network.sizes),
                "activation": self.network.activation,
                "loss": self.network.loss,
            },
            "steps": self.steps,
            "counts": {
                "right": {
                    "label": "have every point right",
                    "values": (right == len(self.data.x)).sum(axis=1).tolist(),
                }
            },
            "groups": [{"title": title, "networks": members.tolist()} for title, members in groups if members.size],
            "groups_at_start": [{"title": "random", "networks": list(range(history.networks.size))}],
            "diverged": self.trained.diverged[history.networks].tolist(),
            "loss": packed(history.loss),
            "right": right.tolist(),
            "parameters": {"order": "kernel (inputs, units), bias; layer by layer", **packed(history.parameters)},
            **more,
        }


def recorded(
    network: Network,
    data: Dataset,
    *,
    networks: int,
    steps: int,
    batch_size: int | None = None,
    optimizer: Optimizer | None = None,
    initializer: Initializer = "glorot_uniform",
    seed: int = 7,
) -> Recorded:
    """Train networks and keep at most 64 of them at 40 steps."""
    trained = train(
        network,
        start(network, initializer, seed=seed, networks=np.arange(networks)),
        data,
        optimizer or Optimizer(),
        steps=steps,
        batch_size=batch_size,
        seed=seed,
        recording=Recording(log_spaced(steps), tuple(range(min(networks, 64)))),
    )
    return Recorded(network, data, trained)


def replay(data: Dataset, *cohorts: dict[str, Any]) -> dict[str, Any]:
    """Return a run's replay."""
    return {
        "run": "test",
        "data": {
            "name": "test",
            "x": data.x.astype(float).tolist(),
            "labels": data.labels.tolist(),
            "class_names": list(data.class_names),
            "feature_names": list(data.feature_names),
        },
        "cohorts": list(cohorts),
    }
