"""What learners call the parameters of experiments and their values, as it stands in the parameters' JSON schema.

Web processes look for these names in learners' questions, beside a value:

* ``synonyms``: the names of a parameter in words; a parameter without them is called by its own name alone.
* ``sizes``: of a number of things, names for the number itself, beside those of the things.
* ``calls``: the functions whose argument it is in learners' code, written up to that argument: ``Dropout(p)``,
  ``Linear(in_features, out_features)``. A name alone is a function whose first argument it is.
* ``words``: of values that have names of their own, these names.
* ``epochs``: of a number of steps, the names of epochs, with the examples and the rows of a batch that make one.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

STEP_NAMES = ("steps", "training steps", "gradient steps", "iterations", "training iterations", "iters", "updates")
EPOCH_NAMES = ("epochs", "training epochs", "passes over the data")
RATE_NAMES = ("learning rate", "lr", "alpha", "α", "step size", "eta", "η", "learning rate init")


def called(
    *synonyms: str,
    sizes: tuple[str, ...] = (),
    calls: tuple[str, ...] = (),
    words: Mapping[str, tuple[str, ...]] | None = None,
    epoch: tuple[int, int] | None = None,
) -> dict[str, Any]:
    """Return what a parameter's schema says of its names.

    Args:
        synonyms: in plural where it counts something.
        sizes: names for the number itself where the synonyms name what is counted.
        calls: functions, written up to the argument that it is.
        words: by value, as it is written in JSON.
        epoch: the examples of an epoch, and those of a batch.
    """
    extra: dict[str, Any] = {"synonyms": list(synonyms)}
    if sizes:
        extra["sizes"] = list(sizes)
    if calls:
        extra["calls"] = list(calls)
    if words:
        extra["words"] = {value: list(names) for value, names in words.items()}
    if epoch:
        extra["epochs"] = {"synonyms": list(EPOCH_NAMES), "examples": epoch[0], "batch": epoch[1]}
    return extra


BATCH_NAMES = called("batch size", "mini-batch size", "batches of", "mini-batches of", words={"100": ("full batch",)})
HIDDEN_NAMES = called(
    *("hidden units", "hidden neurons", "hidden nodes", "hidden cells", "units", "neurons", "nodes"),
    sizes=(
        *("hidden size", "hidden layer size", "hidden width", "hidden layer width", "hidden dim", "hidden dimension"),
        *("hidden features", "hidden channels", "n hidden", "num hidden", "nhidden"),
    ),
    calls=("Dense(units)", "Linear(in_features, out_features)"),
)
# A rule without its variant is that of its paper: uniform with Glorot and Bengio, normal with He et al.
INITIALIZER_NAMES = called(
    "initializer",
    "initialiser",
    "initialization",
    "initialisation",
    "init",
    words={
        "glorot_uniform": ("Glorot uniform", "Xavier uniform", "Glorot", "Xavier"),
        "glorot_normal": ("Glorot normal", "Xavier normal"),
        "he_uniform": ("He uniform", "Kaiming uniform"),
        "he_normal": ("He normal", "Kaiming normal", "Kaiming", "He initialization", "He initialisation", "He init"),
    },
)

# Numbers of steps, whose bounds and descriptions each experiment has of its own.
Steps = Annotated[int, Field(json_schema_extra=called(*STEP_NAMES))]
FullBatchSteps = Annotated[int, Field(json_schema_extra=called(*STEP_NAMES, *EPOCH_NAMES))]  # each step is an epoch
LabSteps = Annotated[int, Field(json_schema_extra=called(*STEP_NAMES, epoch=(100, 32)))]  # with 32 of 100 examples
XorSteps = Annotated[
    int, Field(title="XOR steps", json_schema_extra=called("XOR steps", "steps on XOR", "epochs on XOR"))
]
Dropout = Annotated[
    float,
    Field(
        description="share of the hidden neurons that dropout switches off",
        json_schema_extra=called(
            "dropout",
            "dropout rate",
            "dropout probability",
            "drop rate",
            calls=("Dropout(p)", "Dropout(rate)", "dropout(input, p)"),
        ),
    ),
]
