"""The data that the experiments train on, each in a module of its own."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class Dataset:
    """Examples for a small network, in single precision as the networks see them.

    ``x`` has shape (rows, features), ``targets`` (rows, outputs), ``labels`` (rows,) holds the class of each row.
    """

    x: npt.NDArray[np.float32]
    targets: npt.NDArray[np.float32]
    labels: npt.NDArray[np.intp]
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
