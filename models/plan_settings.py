"""Which of an experiment's hyperparameters the networks of one plan depend on.

An experiment has settings that only some of its cohorts have to do with, such as the steps on another data set. Which
these are follows from the plans: a setting counts where another value of it gives the same networks another start,
other data or another training.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from models.experiment import MOST_NETWORKS, Experiment, Hyperparameters
from models.plans import Plan


def settings_of(experiment: Experiment[Any], hyperparameters: Hyperparameters, plan: str) -> dict[str, Any]:
    """Return the hyperparameters that the networks of a plan depend on, by name; all for a plan that only a run has."""
    values = hyperparameters.model_dump()
    return {name: values[name] for name in values if plan not in _unchanged(experiment, hyperparameters, name)}


@lru_cache(maxsize=256)
def _unchanged(experiment: Experiment[Any], hyperparameters: Hyperparameters, name: str) -> frozenset[str]:
    """Return the names of the plans whose networks another value of a hyperparameter leaves as they are."""
    schema = experiment.parameters.model_json_schema()["properties"][name]
    other = hyperparameters.model_copy(update={name: another(getattr(hyperparameters, name), schema)})
    before, after = (_trainings(experiment.plans(each)) for each in (hyperparameters, other))
    return frozenset(plan for plan, training in before.items() if after.get(plan) == training)


def another(value: Any, schema: Mapping[str, Any]) -> Any:  # noqa: ANN401 - of any type that a parameter has
    """Return another value that a parameter's JSON schema allows, one near by if it is a number."""
    if "enum" in schema:
        return next(each for each in schema["enum"] if each != value)
    if schema["type"] == "boolean":
        return not value
    below = "maximum" in schema and value >= schema["maximum"]
    if schema["type"] == "integer":
        return value - 1 if below else value + 1
    limit = schema.get("minimum", 0) if below else schema.get("maximum", 2 * value + 1)
    return value + (limit - value) / 16


def _trainings(plans: Iterable[Plan]) -> dict[str, tuple[Any, ...]]:
    """Return what two plans of a name must share for their networks to be the same."""
    found: dict[str, tuple[Any, ...]] = {}
    for plan in plans:
        data, rate, momentum = plan.lab.data, plan.optimizer.rate, plan.optimizer.momentum
        samples = [each and (each.rows, each.words) for each in (plan.learned, plan.held_back)]
        first = np.full(1, MOST_NETWORKS) if plan.members is None else plan.indices(1)[:1]
        start = found.get(plan.continues or "", plan.continues) or _bytes(first, *plan.begin(0, first))
        found[plan.name] = (
            *(plan.lab.network, plan.width, plan.steps, plan.mini_batch, plan.dropout, plan.l2, plan.penalise_biases),
            *(plan.optimizer.name, _bytes(rate, momentum), _bytes(data.x, data.targets), *samples, start),
        )
    return found


def _bytes(*arrays: Any) -> bytes:  # noqa: ANN401 - numbers and arrays of them
    return b"".join(np.asarray(each).tobytes() for each in arrays)
