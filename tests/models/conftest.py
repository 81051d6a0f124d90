"""Runs of the experiments and their figures, each trained and made once in a session."""

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from matplotlib.figure import Figure as Canvas
from matplotlib.text import Text

from models import registry
from models.experiment import NETWORKS, Result
from models.figures import Figure, style
from models.findings import Share
from models.labs import Lab
from models.plan_training import train_plans
from models.plans import Cohort, Plan, Start
from tests.trained import SEED, Trained

Run = Callable[..., Result]
Observed = Callable[..., tuple[Result, list[float]]]
Draw = Callable[[str, str], "list[Drawn]"]
FigureOf = Callable[[str, str], Figure]


@dataclass(frozen=True)
class Drawn:
    """A figure, its SVG, and how its texts were laid out there."""

    figure: Figure
    svg: bytes
    smallest: float  # text, in points
    width: float  # of the figure, in points
    cut: tuple[str, ...]  # texts that leave the figure

    @cached_property
    def root(self) -> ET.Element:
        """The SVG, parsed once for all that is read off it."""
        return ET.fromstring(self.svg)  # noqa: S314 - our own file

    @classmethod
    def of(cls, figure: Figure) -> "Drawn":
        """Draw a figure as an SVG."""
        canvases: list[Canvas] = []

        def draw(palette: style.Palette) -> Canvas:
            canvases.append(figure.draw(palette))
            return canvases[-1]

        svg = style.svg(replace(figure, draw=draw))
        (canvas,) = canvases
        texts = [text for text in canvas.findobj(Text) if isinstance(text, Text) and text.get_text().strip()]
        smallest = min(float(text.get_fontsize()) for text in texts)
        return cls(figure, svg, smallest, float(canvas.get_figwidth()) * 72, tuple(cut_off(canvas)))


def cut_off(canvas: Canvas) -> Iterator[str]:
    """Yield titles, labels and words of a legend that leave a figure that was drawn."""
    texts = [text for legend in canvas.legends for text in legend.get_texts()]
    for axes in canvas.axes:
        texts += [axes.xaxis.label, axes.yaxis.label, *(each for each in axes.get_children() if isinstance(each, Text))]
    page = canvas.bbox
    for text in texts:
        if text.get_text().strip() and text.get_visible():
            box = text.get_window_extent()
            if min(box.x0 - page.x0, page.x1 - box.x1, box.y0 - page.y0, page.y1 - box.y1) < -1:
                yield text.get_text()


KINDS: dict[str, dict[str, int]] = {
    "defaults": {},
    "one network after one step": {"networks": 1, "steps": 1},
    "more than a wall holds": {"networks": 65, "steps": 30},
    "diverged": {"networks": 3, "steps": 30},
}


@pytest.fixture(scope="session")
def run(observed: Observed) -> Run:
    """Return a function that runs an experiment, at its defaults unless told otherwise, and keeps the result."""

    return lambda *name, **values: observed(*name, **values)[0]


@pytest.fixture(scope="session")
def observed(trained: Trained) -> Observed:
    """Return a function that runs an experiment as ``run`` does, and returns its progress beside the result."""

    @cache
    def kept(name: str, networks: int = NETWORKS, seed: int = SEED, **values: Any) -> tuple[Result, list[float]]:
        if (networks, seed) == (NETWORKS, SEED):
            return trained.run(name, values)
        experiment, progress = registry.find(name), list[float]()
        hyperparameters = experiment.validate(values, networks, seed)
        result = experiment.execute(hyperparameters, networks=networks, seed=seed, progress=progress.append)
        return result, progress

    return kept


@pytest.fixture(scope="session")
def figure(run: Run) -> FigureOf:
    """Return a function that gives a figure, by its name, of an experiment's run at its defaults."""

    @cache
    def kept(experiment: str, name: str) -> Figure:
        return next(each for each in registry.find(experiment).figures(run(experiment)) if each.name == name)

    return kept


@pytest.fixture(scope="session")
def drawn(run: Run) -> Draw:
    """Return a function that draws every figure of a run of one of `KINDS`, once."""

    @cache
    def kept(name: str, kind: str) -> list[Drawn]:
        result = run(name, **KINDS[kind])
        result = diverged(result) if kind == "diverged" else result
        return [Drawn.of(figure) for figure in registry.find(name).figures(result)]

    return kept


def diverged(result: Result, value: float = np.nan, networks: Sequence[int] | None = None) -> Result:
    """Return the run as if some networks, or all, had diverged half-way to ``value``."""
    cohorts = {}
    for name, trained in result.cohorts.items():
        every = np.arange(trained.loss.size)
        chosen = every if networks is None else np.intersect1d(every, networks)
        parameters, loss, history = trained.parameters.copy(), trained.loss.copy(), trained.history.parameters.copy()
        parameters[:, chosen], loss[chosen] = value, np.nan
        history[len(history) // 2 :, :, np.isin(trained.history.positions, chosen)] = value
        broken = replace(
            trained, parameters=parameters, loss=loss, history=replace(trained.history, parameters=history)
        )
        cohorts[name] = trained if trained.plan.aside else broken  # which does not hang on the run's settings
    findings = registry.find(result.experiment).measure(cohorts)
    return replace(result, cohorts=cohorts, findings=findings)


def value_of(result: Result, name: str) -> float:
    """Return a quantity that must have been found."""
    value = result.quantity(name)
    assert value is not None, name
    return value


def train(*plans: Plan, networks: int = 3, seed: int = 5) -> dict[str, Cohort]:
    """Train plans and return their cohorts by name; those of no steps are only drawn."""
    return train_plans(plans, networks=networks, seed=seed, progress=lambda _: None)


def by_hand(lab: Lab, parameters: npt.ArrayLike) -> Cohort:
    """Return networks with these parameters (P, networks)."""
    drawn = np.asarray(parameters, np.float32)
    return train(Plan("main", lab, Start("by hand", lambda *_: drawn), steps=0), networks=drawn.shape[1])["main"]


def shares(result: Result, family: str) -> dict[str, Share]:
    """Return the shares of a family by what follows the family's name."""
    return {
        key.partition(".")[2]: finding
        for key, finding in result.findings.items()
        if key.startswith(f"{family}.") and isinstance(finding, Share)
    }
