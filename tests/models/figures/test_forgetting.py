"""The figures on forgetting say what the networks found."""

import numpy as np

from models.experiments.forgetting import DRAWN, OUTLYING_WORDS, WORDS, kept
from models.readings import over_steps
from tests.models.conftest import FigureOf, Run


def test_the_course_begins_with_what_was_learned_and_ends_with_what_is_left(run: Run, figure: FigureOf) -> None:
    for row, name in zip(figure("forgetting", "course").table.rows, DRAWN, strict=True):
        left = np.median(over_steps(kept)(run("forgetting").cohorts[name]), axis=1)
        assert (row[0], row[1], row[-1]) == (WORDS[name], f"{left[0]:.0%}", f"{left[-1]:.0%}")


def test_every_way_to_go_on_has_a_row(run: Run, figure: FigureOf) -> None:
    rows = {row[0]: row for row in figure("forgetting", "ways").table.rows}
    for name, words in (WORDS | {"outlying": OUTLYING_WORDS}).items():
        still = run("forgetting").share(f"still_share.{name}")
        assert rows[words][1] == f"{run('forgetting').quantity(f'kept.{name}'):.0%}"
        assert rows[words][-1] == f"{still.count} of {still.of}"
