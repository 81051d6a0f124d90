"""The symmetry ladder in words."""

import pytest

from models.findings import Quantity
from tests.models.conftest import FigureOf, Run, shares


@pytest.mark.parametrize("name", ["identical", "ladder"])
def test_words_count_the_identical_networks_of_every_rung(run: Run, figure: FigureOf, name: str) -> None:
    found = figure("symmetry", name)
    for share in shares(run("symmetry"), "identical_share").values():
        assert f"{share.count} of {share.of}" in found.alternative
    assert len(found.table.rows) == 9


def test_words_name_the_accuracy_of_every_rung(run: Run, figure: FigureOf) -> None:
    found = figure("symmetry", "wall")
    for key, finding in run("symmetry").findings.items():
        if key.startswith("accuracy.") and isinstance(finding, Quantity) and key != "accuracy.zero_incoming_tanh":
            assert finding.value is not None
            assert f": {finding.value:.0%}" in found.alternative
