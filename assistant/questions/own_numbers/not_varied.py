"""What learners name that no experiment can be trained with: other activations or optimisers, and weights all alike.

The page says so plainly, but not where the answer itself speaks of it: its networks then have it already, or some of
them do.
"""

import re
from collections.abc import Mapping, Sequence

from assistant.library.parameters import Schema
from assistant.questions.own_numbers.optimizers import OPTIMIZERS
from assistant.questions.own_numbers.written_numbers import NUMBER

ACTIVATIONS = {
    "tanh": ("tanh",),
    "sigmoid": ("sigmoid",),
    "relu": ("ReLU",),
    "leaky_relu": ("leaky ReLU", "LeakyReLU"),
    "elu": ("ELU",),
    "gelu": ("GELU",),
    "swish": ("swish", "SiLU"),
}
SPOKEN_OF = re.compile(
    r"\b(?:zeros?|constants?|equal(?:ly)?|identical|the same (?:start|weight|value|number)s?)\b", re.I
)
ALIKE = re.compile(
    rf"""(?<!not\ )\b(?:all|every|each)\s+(?:(?:of|the|my|initial|starting)\s+){{0,3}}weights?\s+
      (?:(?:=|(?:is|are|were|set|initiali[sz]ed|equal|start(?:ing|ed)?|to|at|with|from)\b)\s*){{0,4}}
      (?:zeros?\b|ones\b|(?:the\s+)?same\b|{NUMBER})
    | \b(?:[Ww]|theta|weights?)[\w.]*\s*=\s*(?:np|numpy|jnp|tf|torch)\.(?:zeros|ones|full)\b
    | \b(?:kernel_)?initiali[sz]er\s*=\s*["']?(?:zeros|ones|constant)\b["']?
    """,
    re.IGNORECASE | re.VERBOSE,
)


def settings_beside(answer: str) -> Schema:
    """Return a schema of activations, optimisers and momentum, by which a text is read.

    Those are left out that an answer speaks of.
    """
    settings = {
        "activation": _choice(("activation", "activation function"), ACTIVATIONS, answer),
        "optimizer": _choice(("optimizer", "optimiser"), OPTIMIZERS, answer),
    }
    if not re.search(r"\bmomentum\b", answer, re.IGNORECASE):
        settings["momentum"] = {"synonyms": ["momentum"], "type": "number"}
    return {"properties": settings}


def _choice(synonyms: Sequence[str], values: Mapping[str, Sequence[str]], answer: str) -> Schema:
    words = {
        value: names
        for value, names in values.items()
        if not any(re.search(rf"\b{re.escape(name)}\b", answer, re.IGNORECASE) for name in names)
    }
    return {"synonyms": list(synonyms), "type": "string", "enum": list(words), "words": words}


def weights_alike(text: str, answer: str) -> list[str]:
    """Return what in a text lets all weights start alike; nothing where the answer speaks of such starts."""
    if SPOKEN_OF.search(answer):
        return []
    return [" ".join(found[0].split()) for found in ALIKE.finditer(text)]
