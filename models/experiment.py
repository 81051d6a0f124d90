"""What an experiment is: parameters in, trained networks and findings out.

An experiment is a module of `models.experiments` with one final subclass of `Experiment`; the file is its registration,
and the file's name, with hyphens, is its name. It says what is trained (`plans`), what is measured (`measures`) and
what is drawn (`figures`); cost, set-up, declared findings and the count of diverged networks follow.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from threading import Lock
from time import perf_counter
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.ensemble import Progress
from models.figures import Figure
from models.findings import Declared, Label, Quantity, Share
from models.measures import Measure, declarations, share
from models.plan_training import train_plans
from models.plans import OPTIMIZERS, Cohort, Plan
from models.replay import Replay, default_replay
from models.streams import SEED_LIMIT
from models.versions import versions
from models.wordings import BATCH_NAMES, INITIALIZER_NAMES, RATE_NAMES, called

NETWORKS = 64
MOST_NETWORKS = 65_536
COST_LIMIT = 400_000_000  # network-steps; two cores do two to four million a second


class BadInputError(ValueError):
    """A request that cannot be run; the message is one line and names what is allowed."""


class Hyperparameters(BaseModel):
    """The parameters of an experiment, with bounds and descriptions; strict, and frozen once checked.

    A parameter's title is what forms call it: its own name, unless it is given another.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        field_title_generator=lambda name, _: name.replace("_", " "),
    )


# Parameters that several experiments have.
Rate = Annotated[
    float,
    Field(
        ge=1e-6,
        le=100,
        title="learning rate",
        description="Adam's learning rate",
        json_schema_extra=called(*RATE_NAMES, calls=("Adam",)),
    ),
]
RandomStart = Annotated[
    Literal["glorot_uniform", "glorot_normal", "he_uniform", "he_normal"],
    Field(
        title="initialiser", description="the rule that draws the starting weights", json_schema_extra=INITIALIZER_NAMES
    ),
]
LabBatch = Annotated[
    Literal[32, 100], Field(description="examples a step; 100 is the full batch", json_schema_extra=BATCH_NAMES)
]


@dataclass(frozen=True)
class Result:
    """One run of an experiment: what was found, and the trained networks that the figures are drawn from."""

    experiment: str
    seed: int
    networks: int
    hyperparameters: Hyperparameters
    setup: Mapping[str, str]
    findings: Mapping[str, Share | Quantity | Label]
    cohorts: Mapping[str, Cohort]
    seconds: dict[str, float] = field(default_factory=dict)

    def share(self, name: str) -> Share:
        """Return a finding that is a share.

        Raises:
            KeyError: the run has no such finding.
            TypeError: it is no share.
        """
        finding = self.findings[name]
        if not isinstance(finding, Share):
            raise TypeError(f"the finding {name!r} is a {finding.kind}, not a share")
        return finding

    def quantity(self, name: str) -> float | None:
        """Return the value of a finding that is a quantity; None where no network gave one.

        Raises:
            KeyError: the run has no such finding.
            TypeError: it is no quantity.
        """
        finding = self.findings[name]
        if not isinstance(finding, Quantity):
            raise TypeError(f"the finding {name!r} is a {finding.kind}, not a quantity")
        return finding.value

    def to_json(self) -> dict[str, Any]:
        """Return the run as plain data, as the contract of ``python -m models run --json`` says."""
        return {
            "experiment": self.experiment,
            "seed": self.seed,
            "networks": self.networks,
            "hyperparameters": self.hyperparameters.model_dump(),
            "setup": dict(self.setup),
            "findings": {name: finding.model_dump() for name, finding in self.findings.items()},
            "seconds": self.seconds,
            "versions": versions(),
        }


H = TypeVar("H", bound=Hyperparameters)


class Experiment(ABC, Generic[H]):
    """An experiment; subclasses are final and hold no state."""

    title: ClassVar[str]
    summary: ClassVar[str]
    parameters: type[H]
    measures: ClassVar[tuple[Measure, ...]]
    figure_names: ClassVar[tuple[str, ...]] = ()  # of what `figures` draws, which explanations place by name
    replay: ClassVar[Replay | None] = None

    @property
    def name(self) -> str:
        """The module's name, with hyphens."""
        return type(self).__module__.rpartition(".")[2].replace("_", "-")

    @cached_property
    def declared(self) -> Mapping[str, Declared]:
        """What a run reports, by name; placeholders in angle brackets stand for what depends on its parameters."""
        return declarations((*self.measures, DIVERGED))

    @abstractmethod
    def plans(self, hyperparameters: H) -> Iterable[Plan]:
        """Yield what is trained, a plan for each cohort."""

    @abstractmethod
    def figures(self, result: Result) -> Iterable[Figure]:
        """Return what a learner must see of a run."""

    def watched(self, result: Result) -> dict[str, Cohort]:
        """Return the cohorts that a replay shows, by the names that it gives them."""
        return {name: result.cohorts[name] for name in self.shown(result).cohorts if name in result.cohorts}

    def recording(self, result: Result, run: str | None = None) -> bytes:
        """Return what of a run can be watched, as `models.replay.Replay.recording` says."""
        return self.shown(result).recording(self.watched(result), run)

    def shown(self, result: Result) -> Replay:
        """Return what is shown of a run."""
        return self.replay or default_replay(result.cohorts)

    def notes(self, hyperparameters: H) -> dict[str, str]:  # noqa: ARG002 - for those that have something to say
        """Return what else must stand beside every number, or in the place of a line that follows from the plans."""
        return {}

    def train(self, hyperparameters: H, *, networks: int, seed: int, progress: Progress) -> dict[str, Cohort]:
        """Train every plan; return the cohorts by name."""
        return train_plans(list(self.plans(hyperparameters)), networks=networks, seed=seed, progress=progress)

    def cost(self, hyperparameters: H, networks: int) -> int:
        """Return how many network-steps a run takes at the most."""
        return sum(plan.cost(networks) for plan in self.plans(hyperparameters))

    def measure(self, cohorts: Mapping[str, Cohort]) -> dict[str, Share | Quantity | Label]:
        """Return every finding by its name, in the order in which the measures stand."""
        found: dict[str, Share | Quantity | Label] = {}
        for measure in (*self.measures, DIVERGED):
            found |= measure.findings(cohorts)
        return found

    def measure_untrained(
        self, cohorts: Mapping[str, Cohort], names: Collection[str]
    ) -> dict[str, Share | Quantity | Label]:
        """Return the findings of these names, taken of the networks before training: what training must change."""
        began = {name: cohort.untrained for name, cohort in cohorts.items()}
        found: dict[str, Share | Quantity | Label] = {}
        for measure in self.measures:
            if any(measure.reports(name) for name in names):
                found |= measure.findings(began)
        return {name: found[name] for name in names if name in found}

    def setup(self, hyperparameters: H) -> dict[str, str]:
        """Describe what must stand beside every number: data, network, initialiser, loss, optimiser, steps."""
        own = [plan for plan in self.plans(hyperparameters) if not plan.aside]
        rates: dict[str, dict[str, None]] = {}
        steps: dict[str, dict[str, None]] = {}
        for plan in own:
            rates.setdefault(OPTIMIZERS[plan.optimizer.name], {})[f"{plan.optimizer.rate:g}"] = None
            steps.setdefault(plan.batch_words, {})[f"{plan.steps:,}"] = None
        return {
            "data": _listed(plan.data_words for plan in own),
            "network": _listed(plan.lab.network_words for plan in own),
            "initialiser": _listed(plan.start.words for plan in own),
            "loss": _listed(plan.lab.loss_words for plan in own),
            "optimiser": "; ".join(
                f"{name}, rate{'s' if len(each) > 1 else ''} {', '.join(each)}" for name, each in rates.items()
            ),
            "steps": "; ".join(f"{', '.join(each)}, {batch}" for batch, each in steps.items()),
        } | self.notes(hyperparameters)

    def validate(self, values: Mapping[str, Any], networks: int, seed: int, limit: int = COST_LIMIT) -> H:
        """Validate hyperparameters for a run, and return them.

        Raises:
            BadInputError: a value is unknown or out of range, or the run costs more network-steps than ``limit``.
        """
        if not 1 <= networks <= MOST_NETWORKS:
            raise BadInputError(f"networks must be a whole number from 1 to {MOST_NETWORKS:,}, not {networks:,}")
        if not 0 <= seed < SEED_LIMIT:
            raise BadInputError(f"seed must be a whole number from 0 to {SEED_LIMIT - 1}, not {seed}")
        try:
            hyperparameters = self.parameters.model_validate(dict(values))
        except ValidationError as error:
            raise BadInputError(self._explained(error)) from None
        cost = self.cost(hyperparameters, networks)
        if cost > limit:
            raise BadInputError(
                f"this run would take up to {cost:,} network-steps, and the limit is {limit:,}: "
                "ask for fewer networks or fewer steps"
            )
        return hyperparameters

    def _explained(self, error: ValidationError) -> str:
        """Say the first mistake in one line, with what is allowed."""
        properties = self.parameters.model_json_schema()["properties"]
        first = error.errors()[0]
        name = str(first["loc"][0])
        if first["type"] == "extra_forbidden":
            return f"{self.name} has no parameter {name!r}: one of {', '.join(properties)}"
        return f"{name} must be {allowed(properties[name])}, not {first['input']!r}"

    def execute(
        self,
        hyperparameters: H,
        *,
        networks: int = NETWORKS,
        seed: int,
        progress: Callable[[float], None] = lambda _: None,
    ) -> Result:
        """Train, measure, and return the result; ``progress`` is called with the share of the work that is done.

        What ``progress`` raises stops the run.
        """
        cost, done, counting = self.cost(hyperparameters, networks), 0, Lock()

        def advance(network_steps: int) -> None:
            nonlocal done
            with counting:  # cohorts may be trained side by side
                done += network_steps
                progress(min(done / cost, 1.0))

        began = perf_counter()
        cohorts = self.train(hyperparameters, networks=networks, seed=seed, progress=advance)
        seconds = perf_counter() - began
        compiling = max(cohort.timing.compile for cohort in cohorts.values())  # they compile side by side
        findings = self.measure(cohorts)
        progress(1.0)
        return Result(
            experiment=self.name,
            seed=seed,
            networks=networks,
            hyperparameters=hyperparameters,
            setup=self.setup(hyperparameters),
            findings=findings,
            cohorts=cohorts,
            seconds={"compile": round(compiling, 4), "train": round(max(seconds - compiling, 0.0), 4), "figures": 0.0},
        )


def _diverged(cohorts: Mapping[str, Cohort]) -> npt.NDArray[np.bool_]:
    """Say for each network of the run whether it diverged in one cohort at least."""
    own = [cohort.diverged for cohort in cohorts.values() if not cohort.plan.aside]
    anywhere = np.zeros(max(each.size for each in own), bool)
    for each in own:
        anywhere[: each.size] |= each
    return anywhere


DIVERGED = replace(
    share("diverged_share", "networks with a loss or weight that is no finite number, in any training", _diverged),
    scope=None,
)


def _listed(words: Iterable[str]) -> str:
    """Return different words once each, in their order."""
    return "; ".join(dict.fromkeys(words))


def allowed(schema: Mapping[str, Any]) -> str:
    """Say in words what a parameter's JSON schema allows."""
    if "enum" in schema:
        return "one of " + ", ".join(str(value) for value in schema["enum"])
    what = {"integer": "a whole number", "number": "a number", "string": "a text", "boolean": "true or false"}
    words = what[schema["type"]]
    if "minimum" in schema and "maximum" in schema:
        return f"{words} from {schema['minimum']:,} to {schema['maximum']:,}"
    return words
