"""Maps and walls of splits, and the pairs of lines held fixed, in words."""

import re
from dataclasses import replace
from io import BytesIO

import pytest

from models import registry
from models.datasets import blobs
from models.experiment import Result
from models.figures import style
from models.figures.style import LIGHT
from models.findings import Share
from models.readings import active_sides
from models.splits import listed
from tests.models.conftest import FigureOf, Run, shares


def test_words_name_the_shown_networks_accuracy_and_its_neurons(run: Run, figure: FigureOf) -> None:
    found, main, data = figure("blobs-split", "map"), run("blobs-split").cohorts["main"], blobs.load()
    best = main.network.accuracy(main.parameters, data.x, data.labels).max()
    assert f"{best:.0%}" in found.alternative
    assert len(found.table.rows) == main.network.sizes[1]
    for neuron in range(main.network.sizes[1]):
        assert f"neuron {neuron + 1}" in found.alternative


def test_words_count_the_most_frequent_patterns(run: Run, figure: FigureOf) -> None:
    found = figure("blobs-split", "wall")
    patterns = {key: share for key, share in shares(run("blobs-split"), "pattern").items() if share.count}
    name, most = max(patterns.items(), key=lambda item: item[1].count)
    words = {key: " | for ".join(listed(side) for side in key.split("|")) for key in patterns}
    assert f"{words[name]}: {most.count}" in found.alternative
    assert {row[0]: row[1] for row in found.table.rows} == {words[key]: str(patterns[key].count) for key in patterns}


def test_words_say_how_many_frozen_pairs_fit(run: Run, figure: FigureOf) -> None:
    found, result = figure("blobs-split", "pairs"), run("blobs-split")
    fit, best = result.findings["pairs_that_fit"], result.findings["best_frozen_pair"].value
    assert isinstance(fit, Share)
    assert isinstance(best, str)
    assert f"Of {fit.of} pairs of lines, {fit.count} can" in found.alternative
    assert best == "023|123"
    assert "The smallest error has 0, 2 and 3 | for 1, 2 and 3, where" in found.alternative
    assert found.table.rows[0][0] == "0, 2 and 3 | for 1, 2 and 3"
    assert len(found.table.rows) == 78


@pytest.fixture(scope="module")
def silent() -> Result:
    """Return a run at a rate so large that every network has a silent neuron."""
    experiment = registry.find("blobs-split")
    result = experiment.execute(experiment.validate({"rate": 100, "steps": 200}, 3, 5), networks=3, seed=5)
    main = result.cohorts["main"]
    assert (active_sides(main) == "").any(axis=0).all()
    return result


def test_words_do_not_leave_out_the_side_of_a_silent_neuron(silent: Result) -> None:
    wall = next(each for each in registry.find("blobs-split").figures(silent) if each.name == "wall")
    assert not re.search(r"[:;]  ?\||\| for :", wall.alternative)
    assert not [row[0] for row in wall.table.rows if row[0].startswith(" |")]


def test_words_do_not_say_where_most_end_if_none_end_at_a_pair_of_lines(silent: Result) -> None:
    pairs = next(each for each in registry.find("blobs-split").figures(silent) if each.name == "pairs")
    assert {row[3] for row in pairs.table.rows} == {"0 of 3"}
    assert "(0%) end at" not in pairs.alternative


def test_names_of_pairs_that_end_equally_often_do_not_overlap(silent: Result) -> None:
    ended = {
        name: each.model_copy(update={"count": 3})
        for name, each in silent.findings.items()
        if isinstance(each, Share) and name in {f"pattern.{pair}" for pair in ("01|02", "13|23", "02|23", "01|13")}
    }
    result = replace(silent, findings={**silent.findings, **ended})
    pairs = next(each for each in registry.find("blobs-split").figures(result) if each.name == "pairs")
    with style.drawing(LIGHT):
        canvas = pairs.draw(LIGHT)
        canvas.savefig(BytesIO(), format="png", dpi=72)
    boxes = [text.get_window_extent() for text in canvas.axes[0].texts]
    assert len(boxes) == len(ended) == 4
    assert not [at for at, box in enumerate(boxes) if box.count_overlaps(boxes[:at])]
