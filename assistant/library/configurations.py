"""An entry's experiments, each with the hyperparameters that it is run with."""

from typing import Any

from pydantic import Field

from assistant.library.strict import OneLine, Strict


class Configuration(Strict):
    """An experiment with its hyperparameters; those that are not named stand at their default."""

    experiment: OneLine
    hyperparameters: dict[str, Any] = Field(default_factory=dict)
