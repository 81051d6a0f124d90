"""Measures: a finding's name, label, unit and the function that computes it, together.

A measure is taken of one cohort (``main`` unless `of` names another), of each cohort of a family (`each`, or `together`
where one computation gives all of them), or of the whole run (`whole`). Its function returns one value, or a mapping
whose keys fill the placeholders that are left in the measure's name: ``pattern.<a>|<b>`` takes ``{"01|02": ...}``.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from models.findings import Declared, Kind, Label, Quantity, Share
from models.plans import Cohort
from models.statistics import median as median_of

Booleans = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.floating] | npt.NDArray[np.integer]
Cohorts = Mapping[str, Cohort]
Found = Share | Quantity | Label


@dataclass(frozen=True)
class Family:
    """Cohorts that a measure is taken of one by one.

    ``cohorts`` is their name with placeholders, as in ``<optimizer>.<rate>``. A measure's name gets ``ending`` (the
    same, unless given) where it holds no placeholder of its own, and its label gets ``words``. ``choices`` lists the
    values of a placeholder with their words, where they are known before a run.
    """

    cohorts: str
    words: str = ""
    ending: str | None = None
    choices: Mapping[str, Mapping[Any, str]] = field(default_factory=dict)

    def extended(self, measure: "Measure") -> tuple[str, str]:
        """Return the measure's name and label, with placeholders for what tells the cohorts apart."""
        ending = self.cohorts if self.ending is None else self.ending
        name = measure.name if "<" in measure.name or not ending else f"{measure.name}.{ending}"
        return name, f"{measure.label}; {self.words}" if self.words else measure.label

    def declared(self, name: str, label: str) -> Iterator[tuple[str, str]]:
        """Yield names and labels with each choice in the place of its placeholder."""
        listed = [key for key in self.choices if f"<{key}>" in name]
        for values in product(*(self.choices[key] for key in listed)):
            yield self._filled(name, label, dict(zip(listed, values, strict=True)))

    def members(self, name: str, label: str, cohorts: Cohorts) -> Iterator[tuple[str, str, Cohort]]:
        """Yield each cohort of the family with the measure's name and label for it."""
        pattern = _pattern(self.cohorts)
        for cohort, trained in cohorts.items():
            match = pattern.fullmatch(cohort)
            if match and all(match[key] in choices for key, choices in self.choices.items()):
                yield *self._filled(name, label, match.groupdict()), trained

    def _filled(self, name: str, label: str, values: Mapping[str, str]) -> tuple[str, str]:
        for key, value in values.items():
            name = name.replace(f"<{key}>", value)
            label = label.replace(f"{{{key}}}", self.choices.get(key, {}).get(value, value))
        return name, label


@dataclass(frozen=True)
class Measure:
    """One finding, or a family of findings, and how it is computed.

    ``scope`` is None for the whole run; with ``together``, ``compute`` gets all cohorts of a family at once, by name,
    and returns a value for each.
    """

    name: str
    label: str
    kind: Kind
    compute: Callable[[Any], Any]
    unit: str = ""
    scope: Family | str | None = "main"
    together: bool = False
    words: Callable[[str], str] = lambda part: (
        part.replace("_", " ") or "none"
    )  # what a label says of what fills a placeholder

    def declared(self) -> dict[str, Declared]:
        """Return what this measure reports, by name."""
        names: Iterable[tuple[str, str]] = [(self.name, self.label)]
        if isinstance(self.scope, Family):
            names = self.scope.declared(*self.scope.extended(self))
        return {name: Declared(self.kind, label, self.unit) for name, label in names}

    def reports(self, name: str) -> bool:
        """Say whether a finding of this name can be one of this measure's."""
        return any(_pattern(declared).fullmatch(name) for declared in self.declared())

    def findings(self, cohorts: Cohorts) -> Iterator[tuple[str, Found]]:
        """Compute the measure and yield its findings with their names.

        Raises:
            KeyError: a key of what was computed does not fill the placeholders of the measure's name.
        """
        for name, label, value, sample in self._values(cohorts):
            if isinstance(value, Mapping):
                for key, each in value.items():
                    full = name.partition("<")[0] + key
                    match = _pattern(name).fullmatch(full)
                    if match is None:
                        raise KeyError(f"{full!r} is no finding of the measure {name!r}")
                    words = {part: self.words(text) for part, text in match.groupdict().items()}
                    yield full, self._finding(label.format(**words), each, sample)
            else:
                yield name, self._finding(label, value, sample)

    def _values(self, cohorts: Cohorts) -> Iterator[tuple[str, str, Any, bool]]:
        """Yield a name and a label with what was computed, and whether it is of networks that are a sample."""
        if self.scope is None:
            yield self.name, self.label, self.compute(cohorts), True
        elif not isinstance(self.scope, Family):
            cohort = cohorts[self.scope]
            yield self.name, self.label, self.compute(cohort), cohort.plan.sample
        else:
            members = list(self.scope.members(*self.scope.extended(self), cohorts))
            at_once = self.compute({cohort.plan.name: cohort for _, _, cohort in members}) if self.together else {}
            for name, label, cohort in members:
                value = at_once[cohort.plan.name] if self.together else self.compute(cohort)
                yield name, label, value, cohort.plan.sample

    def _finding(self, label: str, value: Any, sample: bool) -> Found:  # noqa: ANN401 - what the kind of the measure says
        if self.kind == "share":
            return Share.counted(label, np.asarray(value), sample=sample)
        if self.kind == "quantity":
            return Quantity.measured(label, value, self.unit)
        return Label(label=label, value=value)


def share(name: str, label: str, compute: Callable[[Any], Booleans | Mapping[str, Booleans]]) -> Measure:
    """Count the networks (networks,) for which ``compute`` is true."""
    return Measure(name, label, "share", compute)


def quantity(
    name: str, label: str, unit: str, compute: Callable[[Any], float | Mapping[str, float | None] | None]
) -> Measure:
    """Report a number; one that is not finite is reported as none."""
    return Measure(name, label, "quantity", compute, unit)


def median(name: str, label: str, unit: str, compute: Callable[[Any], Numbers | Mapping[str, Numbers]]) -> Measure:
    """Report the median of the finite ones of many numbers."""

    def reduced(subject: Any) -> Any:  # noqa: ANN401
        values = compute(subject)
        if isinstance(values, Mapping):
            return {key: median_of(each) for key, each in values.items()}
        return median_of(values)

    return Measure(name, label, "quantity", reduced, unit)


def label(name: str, label: str, compute: Callable[[Any], str | Mapping[str, str | None] | None]) -> Measure:
    """Report a name, such as that of the best of several."""
    return Measure(name, label, "label", compute)


def each(family: Family, *measures: Measure) -> tuple[Measure, ...]:
    """Take measures of each cohort of a family."""
    return tuple(replace(measure, scope=family) for measure in measures)


def together(family: Family, *measures: Measure) -> tuple[Measure, ...]:
    """Take measures of all cohorts of a family at once: their functions get them by name, and return values by name."""
    return tuple(replace(measure, scope=family, together=True) for measure in measures)


def percent(share: float) -> str:
    """Return a share in whole per cent, as texts write it: "90 %"."""
    return f"{share:.0%}".replace("%", " %")


def spoken(words: Callable[[str], str], *measures: Measure) -> tuple[Measure, ...]:
    """Take measures whose labels say by ``words`` what fills the placeholders of their names."""
    return tuple(replace(measure, words=words) for measure in measures)


def of(cohort: str, *measures: Measure) -> tuple[Measure, ...]:
    """Take measures of one cohort by its name."""
    return tuple(replace(measure, scope=cohort) for measure in measures)


def whole(*measures: Measure) -> tuple[Measure, ...]:
    """Take measures of the whole run: their functions get all cohorts by name."""
    return tuple(replace(measure, scope=None) for measure in measures)


def declarations(measures: Sequence[Measure]) -> dict[str, Declared]:
    """Return what measures report, by name.

    Raises:
        TypeError: two measures report the same finding.
    """
    every: dict[str, Declared] = {}
    for measure in measures:
        declared = measure.declared()
        if twice := every.keys() & declared.keys():
            raise TypeError(f"two measures report {', '.join(sorted(twice))}")
        every |= declared
    return every


@cache
def _pattern(name: str) -> re.Pattern[str]:
    """Return the expression that a name stands for, its placeholders as groups."""
    parts = re.split(r"<(\w+)>", name)
    # As few characters as possible, so that a last placeholder may hold a dot: sgd and 0.001 in success.sgd.0.001.
    return re.compile("".join(f"(?P<{part}>[^|]*?)" if at % 2 else re.escape(part) for at, part in enumerate(parts)))
