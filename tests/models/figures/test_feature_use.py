"""The figures of feature use: the table holds what the run found, and the words tell every neuron's weights."""

from tests.models.conftest import FigureOf, Run, value_of

LINES = ("low_temperature", "short_duration", "diagonal")


def test_the_table_holds_the_findings_medians(run: Run, figure: FigureOf) -> None:
    for line, row in zip(LINES, figure("feature-use", "use").table.rows, strict=True):
        names = [f"{name}_use{when}.{line}" for when in ("_at_start", "") for name in ("temperature", "duration")]
        assert list(row[2:]) == [f"{value_of(run('feature-use'), name):.2f}" for name in names]


def test_words_tell_both_weights_of_every_neuron_before_and_after(figure: FigureOf) -> None:
    weights = figure("feature-use", "weights")
    assert len(weights.table.rows) == 3
    for neuron, draws, *before, temperature, duration in weights.table.rows:
        assert f"{neuron}: draws {draws}, weight of temperature before {before[0]}" in weights.alternative
        assert f"weight of temperature after {temperature}, weight of duration after {duration}." in weights.alternative
