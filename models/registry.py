"""Find an experiment by its file's name: adding a file to `models.experiments` adds the experiment."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import Any

from models import experiments
from models.code import code_hash
from models.experiment import NETWORKS, BadInputError, Experiment


def names() -> list[str]:
    """Return the names of all experiments, in alphabetical order."""
    found = (module.name for module in pkgutil.iter_modules(experiments.__path__))
    return sorted(name.replace("_", "-") for name in found)


@cache
def find(name: str) -> Experiment[Any]:
    """Return the experiment of that name.

    Raises:
        BadInputError: there is none.
    """
    if name not in names():
        raise BadInputError(f"there is no experiment {name!r}: one of {', '.join(names())}")
    module = importlib.import_module(f"{experiments.__name__}.{name.replace('-', '_')}")
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Experiment) and value.__module__ == module.__name__
    ]
    if len(found) != 1:
        raise TypeError(f"{module.__name__} must define exactly one experiment, not {len(found)}")
    experiment: Experiment[Any] = found[0]()
    return experiment


@cache
def describe(name: str) -> Mapping[str, Any]:
    """Return what others need to know of an experiment without running it, as plain data that all callers share."""
    experiment = find(name)
    return {
        "name": name,
        "title": experiment.title,
        "summary": experiment.summary,
        "parameters": experiment.parameters.model_json_schema(),
        "figures": list(experiment.figure_names),
        "findings": {key: vars(declared) for key, declared in experiment.declared.items()},
        "cost": costs(experiment),
        "code": code_hash(name),
    }


def costs(experiment: Experiment[Any]) -> dict[str, Any]:
    """Return how many network-steps a run of the usual size takes, and how that depends on each single parameter.

    Under ``default`` stands the cost at the defaults; under ``by``, for each parameter that changes it, pairs of a
    value and the cost with it: at the ends of its range and the default, or at each choice.
    """

    def cost(values: dict[str, Any]) -> int:
        return experiment.cost(experiment.parameters.model_validate(values), NETWORKS)

    by = {}
    for name, schema in experiment.parameters.model_json_schema()["properties"].items():
        ends = (schema[key] for key in ("minimum", "default", "maximum") if key in schema)
        points = [[value, cost({name: value})] for value in schema.get("enum", ends)]
        if len({steps for _, steps in points}) > 1:
            by[name] = points
    return {"default": cost({}), "by": by}
