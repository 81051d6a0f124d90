"""What an experiment is: parameters in, trained networks and findings out.

An experiment is a module of `models.experiments` with one final subclass of `Experiment`; the file is its registration,
and the file's name, with hyphens, is its name.
"""

import platform
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from time import perf_counter
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from models.ensemble import Progress, Trained
from models.figures import Figure
from models.statistics import median, wilson
from models.streams import SEED_LIMIT

NETWORKS = 64
MOST_NETWORKS = 65_536
COST_LIMIT = 400_000_000  # network-steps; two cores do two to four million a second


class BadInputError(ValueError):
    """A request that cannot be run; the message is one line and names what is allowed."""


class Share(BaseModel, frozen=True):
    """A count of networks with its denominator and its Wilson interval (95 %)."""

    kind: Literal["share"] = "share"
    label: str
    value: FiniteFloat | None
    count: int
    of: int
    low: FiniteFloat | None
    high: FiniteFloat | None


class Quantity(BaseModel, frozen=True):
    """A number with its unit; None where no network gave one."""

    kind: Literal["quantity"] = "quantity"
    label: str
    value: FiniteFloat | None
    unit: str


class Label(BaseModel, frozen=True):
    """A name that was found, such as the best of several."""

    kind: Literal["label"] = "label"
    label: str
    value: str | None


Finding = Annotated[Share | Quantity | Label, Field(discriminator="kind")]


@dataclass(frozen=True)
class Declared:
    """A finding, or a family of them, that an experiment reports.

    The name of a family holds placeholders in angle brackets, as in ``gap.<rung>``; its label holds the same names in
    braces.
    """

    kind: Literal["share", "quantity", "label"]
    label: str
    unit: str = ""


class Findings(dict[str, Share | Quantity | Label]):
    """The findings of a run; a name that the experiment does not declare is a mistake of the experiment."""

    def __init__(self, declared: Mapping[str, Declared]) -> None:
        super().__init__()
        self._declared = {_pattern(name): each for name, each in declared.items()}

    def share(self, name: str, hits: npt.NDArray[np.bool_]) -> None:
        """Report how many of ``hits`` (networks,) are true."""
        count, of = int(np.count_nonzero(hits)), int(hits.size)
        low, high = wilson(count, of) if of else (None, None)
        self[name] = Share(
            label=self._label(name, "share")[0],
            value=count / of if of else None,
            count=count,
            of=of,
            low=low,
            high=high,
        )

    def quantity(self, name: str, value: float | None) -> None:
        """Report a number; one that is not finite becomes None."""
        label, unit = self._label(name, "quantity")
        known = None if value is None or not np.isfinite(value) else float(value)
        self[name] = Quantity(label=label, value=known, unit=unit)

    def median(self, name: str, values: npt.NDArray[np.floating] | npt.NDArray[np.integer]) -> None:
        """Report the median of the finite ones of ``values``."""
        self.quantity(name, median(values))

    def label(self, name: str, value: str | None) -> None:
        """Report a name that was found."""
        self[name] = Label(label=self._label(name, "label")[0], value=value)

    def _label(self, name: str, kind: str) -> tuple[str, str]:
        for pattern, declared in self._declared.items():
            if (match := pattern.fullmatch(name)) and declared.kind == kind:
                return declared.label.format(**{key: value or "none" for key, value in match.groupdict().items()}), (
                    declared.unit
                )
        raise KeyError(f"the finding {name!r} ({kind}) is not declared")


@cache
def _pattern(name: str) -> re.Pattern[str]:
    """Return the expression that a declared name stands for, its placeholders as groups."""
    parts = re.split(r"<(\w+)>", name)
    # As few characters as possible, so that a last placeholder may hold a dot: sgd and 0.001 in success.sgd.0.001.
    return re.compile("".join(f"(?P<{part}>[^|]*?)" if at % 2 else re.escape(part) for at, part in enumerate(parts)))


class Hyperparameters(BaseModel):
    """The parameters of an experiment, with bounds and descriptions; strict, and frozen once checked."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


# Parameters that several experiments have.
Rate = Annotated[float, Field(ge=1e-6, le=100, description="Adam's learning rate")]
RandomStart = Annotated[
    Literal["glorot_uniform", "glorot_normal", "he_uniform", "he_normal"],
    Field(description="the rule that draws the starting weights"),
]
LabBatch = Annotated[Literal[32, 100], Field(description="examples a step; 100 is the full batch")]


@dataclass(frozen=True)
class Result:
    """One run of an experiment: what was found, and the trained networks that the figures are drawn from."""

    experiment: str
    seed: int
    networks: int
    hyperparameters: Hyperparameters
    setup: Mapping[str, str]
    findings: Mapping[str, Share | Quantity | Label]
    cohorts: Mapping[str, Trained]
    seconds: dict[str, float] = field(default_factory=dict)

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
    declared: ClassVar[Mapping[str, Declared]]

    @property
    def name(self) -> str:
        """The module's name, with hyphens."""
        return type(self).__module__.rpartition(".")[2].replace("_", "-")

    @abstractmethod
    def setup(self, hyperparameters: H) -> dict[str, str]:
        """Describe what must stand beside every number: data, network, initialiser, loss, optimiser, steps."""

    @abstractmethod
    def cost(self, hyperparameters: H, networks: int) -> int:
        """Return how many network-steps a run takes at the most."""

    @abstractmethod
    def train(self, hyperparameters: H, *, networks: int, seed: int, progress: Progress) -> dict[str, Trained]:
        """Train what the experiment needs, in cohorts with names."""

    @abstractmethod
    def measure(self, cohorts: Mapping[str, Trained], findings: Findings) -> None:
        """Report every finding that `declared` names."""

    @abstractmethod
    def figures(self, result: Result) -> Iterable[Figure]:
        """Return what a learner must see of a run."""

    def check(self, values: Mapping[str, Any], networks: int, seed: int, limit: int = COST_LIMIT) -> H:
        """Return checked hyperparameters for a run.

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
        findings = Findings(self.declared)
        self.measure(cohorts, findings)
        progress(1.0)
        return Result(
            experiment=self.name,
            seed=seed,
            networks=networks,
            hyperparameters=hyperparameters,
            setup=self.setup(hyperparameters),
            findings=dict(sorted(findings.items(), key=lambda item: self._place(item[0]))),
            cohorts=cohorts,
            seconds={"compile": round(compiling, 4), "train": round(max(seconds - compiling, 0.0), 4), "figures": 0.0},
        )

    def _place(self, name: str) -> int:
        """Return where among the declared findings a name stands."""
        return next(at for at, declared in enumerate(self.declared) if _pattern(declared).fullmatch(name))


def allowed(schema: Mapping[str, Any]) -> str:
    """Say in words what a parameter's JSON schema allows."""
    if "enum" in schema:
        return "one of " + ", ".join(str(value) for value in schema["enum"])
    what = {"integer": "a whole number", "number": "a number", "string": "a text", "boolean": "true or false"}
    words = what[schema["type"]]
    if "minimum" in schema and "maximum" in schema:
        return f"{words} from {schema['minimum']:,} to {schema['maximum']:,}"
    return words


@cache
def versions() -> dict[str, str]:
    """Return what a run's bits depend on: versions and the kind of CPU."""
    found = {name: version(name) for name in ("tensorflow", "numpy", "scipy")}
    return {"python": platform.python_version()} | found | {"cpu": _cpu()}


def _cpu() -> str:
    """Return the CPU's own name where the system tells it."""
    try:
        names = re.findall(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        names = []
    return f"{platform.machine()} {names[0] if names else platform.processor()}".strip()
