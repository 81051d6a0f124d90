"""The symmetry ladder in words."""

import pytest

from tests.models.conftest import FigureOf, Run, shares


@pytest.mark.parametrize("name", ["identical", "ladder"])
def test_words_count_the_identical_networks_of_every_rung(run: Run, figure: FigureOf, name: str) -> None:
    found = figure("symmetry", name)
    for share in shares(run("symmetry"), "identical_share").values():
        assert f"{share.count} of {share.of}" in found.alternative
    assert len(found.table.rows) == 9


def test_words_name_the_accuracy_of_every_rung(run: Run, figure: FigureOf) -> None:
    found, result = figure("symmetry", "wall"), run("symmetry")
    for key in result.findings:
        if key.startswith("accuracy.") and key != "accuracy.zero_incoming_tanh":
            assert f": {result.quantity(key):.0%}" in found.alternative
