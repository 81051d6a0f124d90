"""Vary an entry's experiment: a learner changes parameters, and new networks stand beside the entry's own run."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from flask import current_app

from assistant.errors import InvalidInputError
from assistant.library import queries as library
from assistant.library.parameters import (
    PREFIX,
    Field,
    ParametersError,
    Schema,
    fields,
    form_value,
    kind,
    label,
    properties,
    read_form,
    value_text,
)
from assistant.library.tables import EntryRow, ExperimentRow, RevisionRow
from assistant.runs import queries
from assistant.runs.tables import DONE, FAILED, RunRow


class UnchangedError(ParametersError):
    """A form in which nothing differs from the entry's own values."""


def controls(
    entry: EntryRow | None,
    experiment: str | None = None,
    *,
    form: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
) -> list[Field]:
    """Return a control for each parameter that a learner may vary; its default is the entry's own value.

    Only the main experiment is varied; there are none for another ``experiment``.
    """
    found = _parts(entry)
    if found and experiment not in {None, found[0].experiment}:
        return []
    return fields(_affordable_schema(*found), form=form, problems=problems) if found else []


def vary(entry: EntryRow, form: Mapping[str, str]) -> RunRow:
    """Return a run of an entry in which the parameters that a form names are changed; call it within `writing`.

    From the same seed the same values give the same networks, to the last bit: a run that has them already is returned.

    Raises:
        InvalidInputError: the form changes nothing, or something beyond its bounds.
        UnchangedError: all that the form names stands at the entry's own values.
    """
    found = _parts(entry)
    if found is None:
        raise InvalidInputError("This entry has no experiment that could be varied.")
    revision, experiment = found
    schema = _affordable_schema(*found)
    sent = [name for name in schema["properties"] if PREFIX + name in form]
    if not sent:
        raise InvalidInputError(f"Choose what to vary: one or more of {', '.join(schema['properties'])}.")
    changed = read_form(schema, form)
    if not changed:
        rules = {name: schema["properties"][name] for name in sent}
        own = ", ".join(f"{label(name, rule)} {value_text(rule['default'])}" for name, rule in rules.items())
        problem = f"With {own} the entry's own runs are trained already: choose another value."
        raise UnchangedError({sent[0]: problem})
    return _run_of(revision, experiment, changed, queries.latest_done(entry))


def vary_beside(entry: EntryRow, form: Mapping[str, str], beside: RunRow | None) -> RunRow | None:
    """Return a run in which what a form names is changed, next to a run of the entry's own; call it within `writing`.

    Args:
        entry: whose experiment is varied.
        form: the controls; None is returned where it changes nothing.
        beside: the entry's own run, which may still be waiting; the latest that is done unless given, or if it failed.

    Raises:
        ParametersError: something is beyond its bounds.
    """
    found = _parts(entry)
    changed = read_form(_affordable_schema(*found), form) if found is not None else {}
    if found is None or not changed:
        return None
    usable = beside is not None and beside.entry_id == entry.id and beside.state != FAILED
    return _run_of(*found, changed, beside if usable else queries.latest_done(entry))


def schema_of(entry: EntryRow) -> Schema | None:
    """Return what an entry's main experiment can be varied in, its defaults being the entry's own values."""
    found = _parts(entry)
    return _affordable_schema(*found) if found is not None else None


def _run_of(
    revision: RevisionRow, experiment: ExperimentRow, changed: Mapping[str, Any], beside: RunRow | None
) -> RunRow:
    """Return a run with parameters changed and the seed of the run beside it; the known one where there is one."""
    if beside is not None and beside.hyperparameters != revision.hyperparameters:
        beside = None  # it differs in more than what is changed here
    known = queries.latest_varied(revision, changed)
    if known is not None and beside is not None and _is_alike(known, beside) and _can_be_shown(known, experiment):
        return known
    own = _affordable_schema(revision, experiment)["properties"]
    changes = [
        {"parameter": name, "label": label(name, own[name]), "value": value, "own": own[name]["default"]}
        for name, value in changed.items()
    ]
    varied = {"changes": changes, "beside": beside.id if beside else None}
    return queries.enqueue(revision, varied=varied, seed=beside.seed if beside else None)


def _is_alike(run: RunRow, beside: RunRow) -> bool:
    """Say whether a run has the seed of another, and was trained on the same versions and kind of CPU, or will be."""
    return run.seed == beside.seed and (run.versions is None or run.versions == beside.versions)


def _can_be_shown(run: RunRow, experiment: ExperimentRow) -> bool:
    return run.state != DONE or (run.code == experiment.code and queries.watchable(run.id))


@dataclass(frozen=True)
class Asked:
    """What an address asks to vary: the values as they stand in the form, what is wrong with them, and their run."""

    form: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    run: RunRow | None = None


def asked_by(entry: EntryRow, query: Mapping[str, str]) -> Asked:
    """Return what the address of an answer's page asks to vary, ``?rate=0.3&steps=5``; nothing is trained for it.

    Names that are no parameters are somebody else's, and are left alone.
    """
    found = _parts(entry)
    if found is None:
        return Asked()
    schema = _affordable_schema(*found)
    form = {PREFIX + name: query[name] for name in schema["properties"] if query.get(name, "").strip()}
    if not form:
        return Asked()
    try:
        changed = read_form(schema, form)
    except ParametersError as error:
        return Asked(form, error.problems)
    revision = found[0]
    run = queries.latest_varied(revision, changed) if changed else None
    return Asked(form, run=run)


def form_of(run: RunRow) -> dict[str, str]:
    """Return what a form holds that asks for what a run changed."""
    return {PREFIX + each.parameter: form_value(each.value) for each in run.changes}


def query_of(run: RunRow | None) -> str:
    """Return the query of an answer's address that asks for what a run changed; "" where it changed nothing."""
    changes = run.changes if run is not None else ()
    return f"?{urlencode({each.parameter: form_value(each.value) for each in changes})}" if changes else ""


def _parts(entry: EntryRow | None) -> tuple[RevisionRow, ExperimentRow] | None:
    if entry is None or entry.published is None:
        return None
    experiment = library.experiment(entry.published.experiment)
    return (entry.published, experiment) if experiment is not None else None


def _affordable_schema(revision: RevisionRow, experiment: ExperimentRow) -> dict[str, Any]:
    """Return the experiment's schema with the entry's own values as defaults, and without what would cost too much.

    What a run costs is known at a few values of each parameter. Between two of them it is taken to grow evenly, and the
    parameters are taken to act independently; the worker counts again, exactly, before it trains.
    """
    known = experiment.cost or {"default": 0, "by": {}}
    limit = current_app.config["SETTINGS"].run_cost_limit
    rules = {
        name: {**rule, "default": revision.hyperparameters.get(name, rule.get("default"))}
        for name, rule in properties(experiment.parameters).items()
    }
    ratios = {name: _at(points, rules[name]["default"]) / known["default"] for name, points in known["by"].items()}
    bounded = {}
    for name, rule in rules.items():
        others = math.prod(ratio for other, ratio in ratios.items() if other != name)
        points = known["by"].get(name, [[rule["default"], known["default"]]])
        affordable = _affordable(rule, [(value, cost * others) for value, cost in points], limit)
        if affordable is not None and _has_room(affordable):
            bounded[name] = affordable
    return {"properties": bounded}


def _affordable(rule: dict[str, Any], points: Sequence[Sequence[Any]], limit: float) -> dict[str, Any] | None:
    """Return a parameter's schema without the values whose cost is above ``limit``; None where nothing is left."""
    if all(cost <= limit for _, cost in points):
        return rule
    if kind(rule) == "choice":
        dear = [value for value, cost in points if cost > limit]
        return rule | {"enum": [value for value in rule["enum"] if value not in dear]}
    if points[0][1] > limit:
        return None
    highest = _reaching(points, limit)
    why = f"{rule.get('description', '')}; the range ends where training would take too long"
    return rule | {"maximum": int(highest) if kind(rule) == "integer" else highest, "description": why}


def _has_room(rule: Mapping[str, Any]) -> bool:
    """Say whether a parameter can be anything but its default."""
    if "enum" in rule:
        return any(value != rule["default"] for value in rule["enum"])
    return "const" not in rule and ("minimum" not in rule or rule["minimum"] != rule.get("maximum"))


def _at(points: Sequence[Sequence[Any]], value: Any) -> float:  # noqa: ANN401
    """Return the cost at a value, between known points as on a straight line."""
    for known, cost in points:
        if known == value:
            return float(cost)
    if not isinstance(value, int | float):
        return float(max(cost for _, cost in points))
    for (left, low), (right, high) in pairwise(points):
        if left <= value <= right:
            return float(low + (high - low) * (value - left) / (right - left))
    return float(points[-1][1])


def _reaching(points: Sequence[Sequence[Any]], limit: float) -> float:
    """Return the largest value up to which the cost stays within ``limit``, on straight lines between known points."""
    for (left, low), (right, high) in pairwise(points):
        if high > limit:
            return float(left + (right - left) * (limit - low) / (high - low))
    return float(points[-1][0])
