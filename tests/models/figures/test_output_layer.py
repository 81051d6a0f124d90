"""The figures of the output layer: the truth table in words, and a row for each blob."""

from tests.models.conftest import FigureOf


def test_the_figure_says_the_truth_table(figure: FigureOf) -> None:
    regions = figure("output-layer", "regions")
    assert sum(int(row[1]) for row in regions.table.rows) == 100
    assert sorted(row[3] for row in regions.table.rows) == ["blob 0", "blob 1", "blob 2", "blob 3"]
    for where, points, mostly, winner, chance in regions.table.rows:
        assert mostly == winner  # the blob that lies in a region wins it
        said = f"{where}: points {points}, holds most of {mostly}, wins {winner}, probability {chance}."
        assert said in regions.alternative


def test_the_plane_says_where_every_blob_lies(figure: FigureOf) -> None:
    plane = figure("output-layer", "hidden-plane")
    assert [row[0] for row in plane.table.rows] == ["blob 0", "blob 1", "blob 2", "blob 3"]
    for blob, one, two in plane.table.rows:
        assert f"{blob}: median output of neuron 1 {one}, median output of neuron 2 {two}." in plane.alternative
