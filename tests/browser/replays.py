"""Replays of real trainings for the player's tests, in the form that docs/replay.md describes."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from playwright.sync_api import Page

from models.datasets import Dataset
from models.ensemble import Optimizer, train
from models.history import Recording, Trained, log_spaced
from models.initializers import Initializer, start
from models.network import Network

BLOBS = Network((2, 2, 4), "relu", "softmax_crossentropy")
Show = Callable[..., Page]


@dataclass
class Stage:
    """A server with the player, and what its replays are; a status in place of a replay is answered as such."""

    address: str
    replays: dict[str, Any] = field(default_factory=dict)


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
            "groups_at_start": [{"title": "random", "networks": list(range(history.positions.size))}],
            "diverged": self.trained.diverged[history.positions].tolist(),
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
        start(network, initializer, seed=seed, members=np.arange(networks)),
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


def seek(page: Page, position: float) -> None:
    """Drag the slider to a position among the recorded steps."""
    page.get_by_role("slider").evaluate(
        "(slider, value) => { slider.value = value; slider.dispatchEvent(new Event('input')); }", str(100 * position)
    )


def position(page: Page) -> float:
    found: float = page.locator("replay-player[ready]").evaluate("player => player.playback.position")
    return found


def counted(run: Recorded, at: int) -> str:
    count = int((run.right()[at] == len(run.data.x)).sum())
    return f"{count} of {run.right().shape[1]} have every point right"


# What the browser says of every point: (steps, networks, rows).
CLASSES = """async (name) => {
  const { load } = await import("/static/replay/replay.js");
  const { classify, forward } = await import("/static/replay/network.js");
  const [cohort] = await load(`/replays/${name}`);
  return cohort.steps.map((_, at) => [...Array(cohort.networks).keys()].map((network) => cohort.data.x.map((x) =>
    classify(forward(cohort.network, cohort.recorded(at, network), x).at(-1)))));
}"""
