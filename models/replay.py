"""What of a run can be watched: recorded parameters with the data, the counts at each step, and the groups.

An experiment says by a `Replay` which of its cohorts are shown, what their networks became and which moment is worth
seeing. The form of `recording` is that of ``GET /api/runs/ID/replay``; docs/replay.md describes it.
"""

import base64
import gzip
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from models.datasets import Dataset
from models.plans import RECORDED, Cohort
from models.readings import accuracy, diverged, over_steps, success
from models.widths import narrowed, without_masked

MOST_BYTES = 600_000  # of a run's compressed replay
MOST_COHORTS = 4
MOST_GROUPS = 8  # rarer ones are put together
SINGULAR = {"have": "has", "are": "is", "answer": "answers"}  # the verbs that the words of counts begin with
VERB = re.compile(rf"^(still |)({'|'.join(SINGULAR)})\b")

View = Literal["map", "curve", "gradients", "path", "signals"]
Strings = npt.NDArray[np.str_]
Booleans = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.intp]


def outcome(cohort: Cohort) -> Strings:
    """Say of each network (networks,) whether it has reached the bar of its lab."""
    bar = cohort.lab.bar_words
    return np.where(cohort.diverged, "diverged", np.where(success(cohort), bar, f"less than {bar}"))


@dataclass(frozen=True)
class Moment:
    """A step worth a pause: the first recorded one at which ``reading`` is true of at least ``share`` of the networks.

    ``{bar}`` in the caption stands for the bar of the lab, in words.
    """

    caption: str
    reading: Callable[[Cohort], Booleans] = success
    share: float = 0.5

    def step(self, cohort: Cohort) -> int | None:
        """Return the step; None where enough networks never are there, or are before training."""
        there = over_steps(self.reading)(cohort).mean(axis=1) >= self.share  # (steps,)
        return int(cohort.history.steps[there.argmax()]) if there.any() and not there[0] else None

    def words(self, cohort: Cohort) -> str:
        """Return what is said at that step."""
        return self.caption.format(bar=cohort.lab.bar_words)


@dataclass(frozen=True)
class Settling:
    """The first recorded step at which most of the fall of the networks' median loss, from start to end, is over."""

    fallen: float = 0.9  # of the fall
    least: float = 0.1  # of the first loss, below which a fall is none

    def step(self, cohort: Cohort) -> int | None:
        """Return the step, if it is not the last one."""
        middle = np.median(cohort.history.loss, axis=1)  # (steps,)
        fall = middle[0] - middle[-1]
        if not (np.isfinite(middle).all() and fall >= self.least * middle[0]):
            return None
        at = int((middle <= middle[0] - self.fallen * fall).argmax())
        return int(cohort.history.steps[at]) if 0 < at < len(middle) - 1 else None

    def words(self, _: Cohort) -> str:
        """Return what is said at that step."""
        return f"By this step, the networks' median loss has fallen {100 * self.fallen:g} % of its way."


# What is worth a pause where too few networks get to the moment of the experiment.
OTHERWISE = (
    Moment("At least half of the networks have diverged: their numbers are finite no longer.", diverged),
    Moment("At least half of the networks have {bar}."),
    Moment("At least a tenth of the networks have {bar}.", share=0.1),
    Settling(),
)


@dataclass(frozen=True)
class Colors:
    """Colours of lines that say what each neuron became, instead of which number it has.

    Args:
        title: what is told apart.
        names: what a neuron can become; the same one has the same colour in every cohort and run.
        reading: the place (units, networks) of what each neuron became among the names, -1 for none of them.
    """

    title: str
    names: tuple[str, ...]
    reading: Callable[[Cohort], Integers]


@dataclass(frozen=True)
class Replay:
    """What is shown of a run, as data.

    Args:
        cohorts: the titles of at most four cohorts, by name; ``{width}`` stands for the number of hidden neurons.
        groups: the name (networks,) of what each network became; read of the start, of what it began as.
        counts: further shares that run along with the steps: by name, words and the reading that is counted.
        colors: what the neurons' colours say where it is not their number.
        own_first: whether these stand before the networks that have enough right.
        moment: a step of each cohort at which its replay pauses once; one of `OTHERWISE` where it does not come.
        view: how it is drawn: maps of the plane, the ``curve`` over a single input, each example's ``gradients``, the
            ``path`` of two weights, or the ``signals`` of each layer.
    """

    cohorts: Mapping[str, str]
    groups: Callable[[Cohort], Strings] = outcome
    counts: Mapping[str, tuple[str, Callable[[Cohort], Booleans]]] = field(default_factory=dict)
    colors: Colors | None = None
    own_first: bool = False
    moment: Moment = field(default_factory=lambda: Moment("Half of the networks are there."))
    view: View = "map"

    def recording(self, cohorts: Mapping[str, Cohort], run: str | None = None) -> bytes:
        """Return what was recorded of a run, with its id where it has one, as compressed JSON of at most `MOST_BYTES`.

        Where there are too many steps for that, some are left out, evenly; the first and the last one stay.
        """
        shown = {name: cohorts[name] for name in self.cohorts if name in cohorts}
        data = next(iter(shown.values())).data
        steps = int(MOST_BYTES / sum(_step_size(cohort) for cohort in shown.values()))
        while True:
            parts = [self._cohort(name, _thinned(cohort, steps), data) for name, cohort in shown.items()]
            text = json.dumps(
                {"run": run, "data": _data(data), "cohorts": parts}, allow_nan=False, separators=(",", ":")
            )
            packed = gzip.compress(text.encode(), 1, mtime=0)
            if len(packed) <= MOST_BYTES:
                return packed
            steps = min(steps, max(len(part["steps"]) for part in parts)) * 9 // 10

    def _cohort(self, name: str, cohort: Cohort, data: Dataset) -> dict[str, Any]:
        history, network = cohort.history, cohort.network
        if cohort.width < network.sizes[1]:
            network = narrowed(network, cohort.width)
        parameters = np.stack([without_masked(cohort.network, step, cohort.width) for step in history.parameters])
        ended = replace(
            cohort,
            start=cohort.start[:, history.positions],
            parameters=history.parameters[-1],
            loss=history.loss[-1],
        )
        reached = over_steps(success)(cohort)  # (steps, networks)
        counts = {"right": (f"have {cohort.lab.bar_words}", reached)}
        own = {key: (words, over_steps(read)(cohort)) for key, (words, read) in self.counts.items()}
        counts = own | counts if self.own_first else counts | own
        rows = len(cohort.data.x)
        part: dict[str, Any] = {
            "name": name,
            "title": self.cohorts[name].format(width=cohort.width),
            "network": {"sizes": list(network.sizes), "activation": network.activation, "loss": network.loss},
            "view": self.view,
            "of": int(cohort.loss.size),
            "steps": history.steps.tolist(),
            "counts": {
                key: {"label": words, "one": _of_one(words), "values": hits.sum(axis=1).tolist()}
                for key, (words, hits) in counts.items()
            },
            "counted": ["".join(map(str, row)) for row in next(iter(counts.values()))[1].astype(int)],
            "groups": _groups(self.groups(ended)),
            "groups_at_start": _groups(self.groups(ended.untrained)),
            "diverged": ended.diverged.tolist(),
            "right": np.rint(over_steps(accuracy)(cohort) * rows).astype(int).tolist(),
            "loss": _array(history.loss),
            "parameters": {
                **_array(parameters),
                "order": "kernel (inputs, units), bias; layer by layer",
            },
        }
        if self.colors is not None:
            part["color_by"] = {
                "title": self.colors.title,
                "names": list(self.colors.names),
                "neurons": self.colors.reading(ended).T.tolist(),
            }
        if cohort.data is not data:
            part["data"] = _data(cohort.data)
        for moment in (self.moment, *OTHERWISE):
            if (step := moment.step(cohort)) is not None:
                part["moment"] = {"step": step, "caption": moment.words(cohort)}
                break
        return part


def _of_one(words: str) -> str:
    """Return what is said of a count of 1: "has" instead of "have"."""
    return VERB.sub(lambda found: f"{found[1]}{SINGULAR[found[2]]}", words)


def default_replay(cohorts: Mapping[str, Cohort]) -> Replay:
    """Return what is shown of a run whose experiment says nothing of it: the first cohorts that have a history."""
    names = [name for name, cohort in cohorts.items() if cohort.history.positions.size and not cohort.plan.aside]
    return Replay({name: name.replace("_", " ") for name in names[:MOST_COHORTS]})


def _step_size(cohort: Cohort) -> float:
    """Return about how many bytes a recorded step takes when it is compressed: numbers of training hardly shrink."""
    parameters = without_masked(cohort.network, cohort.start[:, :1], cohort.width).size
    return 1.05 * 4 * (parameters + 2) * min(cohort.history.positions.size, RECORDED)


def _thinned(cohort: Cohort, most: int) -> Cohort:
    """Return a cohort of which at most the first 64 networks are recorded, at most at so many steps."""
    history = cohort.history
    count = len(history.steps)
    kept = np.unique(np.linspace(0, count - 1, min(count, max(most, 2))).round().astype(int))
    shown = replace(
        history,
        steps=history.steps[kept],
        positions=history.positions[:RECORDED],
        parameters=history.parameters[kept][..., :RECORDED],
        loss=history.loss[kept][..., :RECORDED],
    )
    return replace(cohort, history=shown)


def _groups(names: Strings) -> list[dict[str, Any]]:
    """Return the networks by name, the most frequent name first; rare ones beyond `MOST_GROUPS` are put together."""
    members: dict[str, list[int]] = {}
    for network, name in enumerate(names.tolist()):
        members.setdefault(name, []).append(network)
    ordered = sorted(members.items(), key=lambda item: (-len(item[1]), item[0]))
    if len(ordered) > MOST_GROUPS:
        rest = sorted(network for _, networks in ordered[MOST_GROUPS - 1 :] for network in networks)
        ordered = [*ordered[: MOST_GROUPS - 1], ("others", rest)]
    return [{"title": name, "networks": networks} for name, networks in ordered]


def _data(data: Dataset) -> dict[str, Any]:
    found = {
        "x": data.x.astype(float).tolist(),
        "labels": data.labels.tolist(),
        "class_names": list(data.class_names),
        "feature_names": list(data.feature_names),
    }
    if len(data.class_names) == 1:  # values are learned, and no classes
        found["values"] = data.targets[:, 0].astype(float).tolist()
    return found


def _array(values: npt.NDArray[np.floating]) -> dict[str, Any]:
    """Return an array as its shape and its numbers: base64 of little-endian float32."""
    return {"shape": list(values.shape), "float32": base64.b64encode(values.astype("<f4").tobytes()).decode("ascii")}
