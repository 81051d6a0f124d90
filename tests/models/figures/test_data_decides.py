"""Lines that follow the blobs, in words."""

import numpy as np

from models.experiments.data_decides import SPLITS, STOPS, splits
from tests.models.conftest import FigureOf, Run


def test_words_count_the_networks_that_make_each_split_at_each_stop(run: Run, figure: FigureOf) -> None:
    found, result = figure("data-decides", "walk"), run("data-decides")
    for turn, row in zip(STOPS.values(), found.table.rows, strict=True):
        counts = [result.share(f"split_share.{turn}.{split}").count for split in SPLITS]
        assert list(row[2:]) == [f"{count} of 64" for count in counts]
        assert f"{turn}°: a line can part {row[1]}, 01 from 23 {counts[0]} of 64" in found.alternative


def test_words_count_the_lines_that_are_shown(run: Run, figure: FigureOf) -> None:
    found, result = figure("data-decides", "stops"), run("data-decides")
    assert len(found.table.rows) == 6
    for cohort, row in zip(result.cohorts.values(), found.table.rows, strict=True):
        shown = splits(cohort)[:, :48]
        counts = [np.count_nonzero((shown == split).any(axis=0)) for split in SPLITS]
        assert list(row[2:]) == [str(count) for count in counts]
        assert f"{row[0]}: 01 in {counts[0]}, 02 in {counts[1]}, 03 in {counts[2]}" in found.alternative
