"""Which rows of its lab's data the networks of a plan learn."""

import numpy as np
import numpy.typing as npt

from models.plans import Plan


def learned_rows(plan: Plan) -> npt.NDArray[np.intp] | None:
    """Return which rows of its lab's data all networks of a plan learn; None for all.

    Raises:
        ValueError: they learn something else, or rows with weights, or mini-batches that hold rows of weight 0.
    """
    if plan.learned is None:
        return None
    data, drawn = plan.lab.data, plan.learned.draw(0, np.arange(2))
    there = drawn.weights[:, 0] > 0
    rows = np.flatnonzero(there)
    plain = np.isin(drawn.weights, (0, 1)).all() and (drawn.weights == there[:, None]).all()
    if plain and rows[-1] < len(data.x) and (there.all() or plan.mini_batch is None):
        pairs = (drawn.x, data.x), (drawn.targets, data.targets)
        if all((own[rows] == every[rows, :, None]).all() for own, every in pairs):
            return None if len(rows) == len(data.x) else rows
    raise ValueError(f"{plan.name}: a script takes networks that all learn the same rows of their lab, unweighted")
