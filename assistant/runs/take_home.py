"""A run to take home: one network as code with its very starting weights, and the data as a table.

The worker stores a template of the code for each cohort; what is left open in it, the number of the network and its
starting weights, follows from the replay.
"""

import base64
import csv
import gzip
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from assistant.errors import UnreadableError
from assistant.runs.tables import ReplayRow

Form = Literal["script", "notebook"]


@dataclass(frozen=True)
class Recorded:
    """What was recorded of a run, opened."""

    recording: dict[str, Any]
    scripts: dict[str, dict[Form, str]]

    @classmethod
    def of(cls, row: ReplayRow) -> "Recorded":
        """Open a stored replay."""
        return cls(*(json.loads(gzip.decompress(packed)) for packed in (row.recording, row.scripts)))

    def code(self, form: Form, number: str, cohort: str | None) -> str:
        """Return the code of one network.

        Raises:
            UnreadableError: there is no such network or cohort.
        """
        cohorts = {each["name"]: each for each in self.recording["cohorts"]}
        name = cohort or next(iter(cohorts))
        if name not in cohorts:
            raise UnreadableError(f"This run recorded no “{name[:80]}”. There is: {', '.join(cohorts)}.")
        recorded = len(cohorts[name]["diverged"])
        if not (number.isascii() and number.isdigit() and len(number) < 6 and int(number) < recorded):
            raise UnreadableError(f"“network” must be a whole number from 0 to {recorded - 1}, not “{number[:80]}”.")
        template = self.scripts[name][form].replace("@NETWORK@", str(int(number)))
        for at, array in enumerate(_starting_arrays(cohorts[name], int(number))):
            template = template.replace(f"@ARRAY_{at}@", _literal(array))
        return template

    def table(self, cohort: str | None = None) -> str:
        """Return the examples as CSV: the features, and the name of the class, or the value where values are learned.

        Raises:
            UnreadableError: there is no such cohort.
        """
        own = {each["name"]: each.get("data", self.recording["data"]) for each in self.recording["cohorts"]}
        if cohort is not None and cohort not in own:
            raise UnreadableError(f"This run recorded no “{cohort[:80]}”. There is: {', '.join(own)}.")
        data = own[cohort] if cohort is not None else self.recording["data"]
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        names, values = data["class_names"], data.get("values")
        rows.writerow([*data["feature_names"], "class" if values is None else names[0]])
        last = [names[label] for label in data["labels"]] if values is None else map(np.float32, values)
        for x, each in zip(data["x"], last, strict=True):
            rows.writerow([*(str(np.float32(value)) for value in x), each])
        return text.getvalue()


def _starting_arrays(cohort: dict[str, Any], number: int) -> Iterator[npt.NDArray[np.float32]]:
    """Yield kernel (inputs, units) and bias (units,) of each layer with which one network began."""
    packed, sizes = cohort["parameters"], cohort["network"]["sizes"]
    parameters = np.frombuffer(base64.b64decode(packed["float32"]), "<f4").reshape(packed["shape"])[0, :, number]
    at = 0
    for inputs, units in pairwise(sizes):
        for shape in ((inputs, units), (units,)):
            size = int(np.prod(shape))
            yield parameters[at : at + size].reshape(shape)
            at += size


def _literal(array: npt.NDArray[np.float32] | np.float32) -> str:
    """Write an array as nested lists of the shortest numbers that are read back to the same float32."""
    if isinstance(array, np.ndarray) and array.ndim:
        parts: Sequence[Any] = list(array)
        return f"[{', '.join(_literal(part) for part in parts)}]"
    return str(np.float32(array))
