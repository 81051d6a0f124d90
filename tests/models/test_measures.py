"""A measure reports what it declares: shares, quantities and labels, of a cohort, of families and of the whole run."""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from models import measures
from models.findings import Declared, Label, Quantity, Share
from models.labs.xor import XOR
from models.measures import (
    Family,
    Found,
    Measure,
    declarations,
    each,
    label,
    median,
    of,
    percent,
    quantity,
    share,
    spoken,
    whole,
)
from models.plans import Cohort, Plan, Start
from models.statistics import wilson
from tests.models.conftest import train

NAMES = ("main", "other", "relu.0.1", "relu.10", "tanh.10")
SWEEP = Family("<activation>.<scale>", "{activation} of size {scale}")
LISTED = Family(
    "<activation>.<scale>",
    "{activation} of size {scale}",
    choices={"activation": {"relu": "ReLU"}, "scale": {"10": "ten"}},
)
Compute = Callable[[Any], Any]


@pytest.fixture(scope="module")
def cohorts() -> dict[str, Cohort]:
    return train(*(Plan(name, XOR, Start.by("zero"), steps=0) for name in NAMES))


def found(cohorts: Mapping[str, Cohort], taken: Iterable[Measure]) -> dict[str, Found]:
    return {name: finding for measure in taken for name, finding in measure.findings(cohorts)}


def only(cohorts: Mapping[str, Cohort], measure: Measure) -> Found:
    """Return the finding of a measure that has one, under its own name."""
    findings = found(cohorts, [measure])
    assert list(findings) == [measure.name]
    return findings[measure.name]


def name_of(cohort: Cohort) -> str:
    return cohort.plan.name


# What is reported.


def test_a_share_has_count_denominator_and_interval(cohorts: dict[str, Cohort]) -> None:
    low, high = wilson(53, 64)
    counted = only(cohorts, share("good_share", "good networks", lambda _: np.arange(64) < 53))
    assert counted == Share(label="good networks", value=53 / 64, count=53, of=64, low=low, high=high)


def test_what_is_no_sample_has_no_interval(cohorts: dict[str, Cohort]) -> None:
    main = cohorts["main"]
    every = {"main": replace(main, plan=replace(main.plan, sample=False))}
    counted = only(every, share("all", "all there are", lambda _: np.arange(78) < 8))
    assert counted == Share(label="all there are", value=8 / 78, count=8, of=78, low=None, high=None)
    assert isinstance(counted, Share)
    assert (counted.words, counted.interval) == ("8 of 78", "none")


def test_a_share_of_nothing_has_no_value(cohorts: dict[str, Cohort]) -> None:
    counted = only(cohorts, share("good_share", "good networks", lambda _: np.zeros(0, bool)))
    assert counted == Share(label="good networks", value=None, count=0, of=0, low=None, high=None)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, None, np.float32("nan"), np.float64("inf")])
def test_a_quantity_that_is_no_number_has_no_value(cohorts: dict[str, Cohort], value: float | None) -> None:
    measured = only(cohorts, quantity("gap", "the gap", "weight", lambda _: value))
    assert measured == Quantity(label="the gap", value=None, unit="weight")


@pytest.mark.parametrize(
    ("values", "expected"),
    [([1.0, np.nan, 3.0], 2.0), ([np.nan], None), ([], None), ([np.inf, 5.0], 5.0), ([1, 2], 1.5)],
)
def test_a_median_is_of_what_is_finite(cohorts: dict[str, Cohort], values: list[float], expected: float | None) -> None:
    measured = only(cohorts, median("gap", "the gap", "weight", lambda _: np.array(values)))
    assert measured == Quantity(label="the gap", value=expected, unit="weight")


@pytest.mark.parametrize("value", ["01|23", None])
def test_a_label_is_a_name_or_none(cohorts: dict[str, Cohort], value: str | None) -> None:
    assert only(cohorts, label("best", "the best", lambda _: value)) == Label(label="the best", value=value)


@pytest.mark.parametrize(
    "hits", [np.array([0.5, 1.0]), np.array([1, 0]), np.ones((2, 3), bool), np.array(True), np.array(["yes"])], ids=str
)
def test_a_share_counts_booleans_one_for_each_network(cohorts: dict[str, Cohort], hits: np.ndarray) -> None:
    with pytest.raises(TypeError, match="a share counts booleans"):
        only(cohorts, share("good_share", "good networks", lambda _: hits))


@pytest.mark.parametrize(
    "measure",
    [
        quantity("gap", "the gap", "weight", lambda _: "wide"),  # type: ignore[arg-type, return-value]
        median("gap", "the gap", "weight", lambda _: np.array(["wide"])),
        quantity("gap", "the gap", "weight", lambda _: np.ones(3)),  # type: ignore[arg-type, return-value]
        label("best", "the best", lambda _: 1.0),  # type: ignore[arg-type, return-value]
    ],
    ids=["words", "words in an array", "many numbers", "a number"],
)
def test_what_is_of_another_kind_is_refused(cohorts: dict[str, Cohort], measure: Measure) -> None:
    with pytest.raises((TypeError, ValueError, ValidationError)):
        only(cohorts, measure)


# Names with placeholders.


def pattern(compute: Compute) -> Measure:
    return share("pattern.<a>|<b>", "active on {a} and {b}", compute)


def test_keys_fill_the_placeholders_of_a_name_and_of_its_label(cohorts: dict[str, Cohort]) -> None:
    hits = np.array([True, False])
    counted = found(cohorts, [pattern(lambda _: {"01|23": hits, "|23": ~hits, "0|": hits})])
    assert {name: finding.label for name, finding in counted.items()} == {
        "pattern.01|23": "active on 01 and 23",
        "pattern.|23": "active on none and 23",
        "pattern.0|": "active on 0 and none",
    }
    told = found(cohorts, spoken(lambda part: f"side {part}", pattern(lambda _: {"01|23": hits})))
    assert told["pattern.01|23"].label == "active on side 01 and side 23"
    assert pattern(lambda _: {}).declared() == {"pattern.<a>|<b>": Declared("share", "active on {a} and {b}", "")}


@pytest.mark.parametrize("key", ["01", "", "01|02|03", "01,02"])
def test_a_key_that_does_not_fill_the_placeholders_is_refused(cohorts: dict[str, Cohort], key: str) -> None:
    with pytest.raises(KeyError, match=re.escape(f"pattern.{key}")):
        found(cohorts, [pattern(lambda _: {key: np.array([True])})])


def test_medians_and_quantities_are_taken_key_by_key(cohorts: dict[str, Cohort]) -> None:
    arrays = {"small": np.array([1.0, 3.0]), "large": np.array([np.nan])}
    medians = found(cohorts, [median("gap.<rung>", "gap of {rung}", "weight", lambda _: arrays)])
    numbers = found(cohorts, [quantity("gap.<rung>", "gap of {rung}", "weight", lambda _: {"small": 2, "large": None})])
    assert medians == numbers
    assert medians == {
        "gap.small": Quantity(label="gap of small", value=2.0, unit="weight"),
        "gap.large": Quantity(label="gap of large", value=None, unit="weight"),
    }


def test_a_mapping_has_no_place_in_a_measure_of_one_finding(cohorts: dict[str, Cohort]) -> None:
    with pytest.raises(KeyError, match="is no finding of the measure 'good_share'"):
        found(cohorts, [share("good_share", "good networks", lambda _: {".a": np.array([True])})])


# Of which cohorts.


def test_a_measure_is_taken_of_the_cohort_main_unless_it_names_another(cohorts: dict[str, Cohort]) -> None:
    measure = label("which", "the cohort", name_of)
    assert only(cohorts, measure) == Label(label="the cohort", value="main")
    assert only(cohorts, of("other", measure)[0]) == Label(label="the cohort", value="other")
    with pytest.raises(KeyError, match="nobody"):
        only(cohorts, of("nobody", measure)[0])


def test_a_measure_of_the_whole_run_gets_all_cohorts_by_name(cohorts: dict[str, Cohort]) -> None:
    (measure,) = whole(label("which", "all of them", " ".join))
    assert only(cohorts, measure) == Label(label="all of them", value=" ".join(NAMES))


def test_a_family_is_measured_cohort_by_cohort(cohorts: dict[str, Cohort]) -> None:
    taken = each(SWEEP, label("which", "the cohort", name_of))
    assert found(cohorts, taken) == {
        "which.relu.0.1": Label(label="the cohort; relu of size 0.1", value="relu.0.1"),
        "which.relu.10": Label(label="the cohort; relu of size 10", value="relu.10"),
        "which.tanh.10": Label(label="the cohort; tanh of size 10", value="tanh.10"),
    }
    assert declarations(taken) == {
        "which.<activation>.<scale>": Declared("label", "the cohort; {activation} of size {scale}", "")
    }


def test_choices_are_declared_one_by_one_and_leave_out_all_others(cohorts: dict[str, Cohort]) -> None:
    taken = each(LISTED, label("which", "the cohort", name_of))
    assert found(cohorts, taken) == {"which.relu.10": Label(label="the cohort; ReLU of size ten", value="relu.10")}
    assert declarations(taken) == {"which.relu.10": Declared("label", "the cohort; ReLU of size ten", "")}


def test_a_placeholder_without_choices_stays_in_the_declared_name(cohorts: dict[str, Cohort]) -> None:
    family = Family("<activation>.<scale>", choices={"activation": {"relu": "ReLU", "tanh": "tanh"}})
    taken = each(family, label("which", "{activation}, {scale}", name_of))
    assert list(declarations(taken)) == ["which.relu.<scale>", "which.tanh.<scale>"]
    assert {name: finding.label for name, finding in found(cohorts, taken).items()} == {
        "which.relu.0.1": "ReLU, 0.1",
        "which.relu.10": "ReLU, 10",
        "which.tanh.10": "tanh, 10",
    }


def test_a_family_may_end_names_otherwise_than_its_cohorts(cohorts: dict[str, Cohort]) -> None:
    taken = each(Family("relu.<scale>", "size {scale}", ending="<scale>"), label("dead", "dead ones", name_of))
    assert found(cohorts, taken) == {
        "dead.0.1": Label(label="dead ones; size 0.1", value="relu.0.1"),
        "dead.10": Label(label="dead ones; size 10", value="relu.10"),
    }


def test_a_name_with_placeholders_of_its_own_gets_no_ending(cohorts: dict[str, Cohort]) -> None:
    taken = each(SWEEP, label("at.<scale>.of.<activation>", "the cohort", name_of))
    assert list(found(cohorts, taken)) == ["at.0.1.of.relu", "at.10.of.relu", "at.10.of.tanh"]


def test_a_mapping_fills_what_a_family_leaves_open(cohorts: dict[str, Cohort]) -> None:
    family = Family("relu.<scale>", choices={"scale": {"10": "ten"}})
    taken = each(family, share("split.<scale>.<side>", "{side} at {scale}", lambda _: {"left": np.array([True])}))
    assert {name: finding.label for name, finding in found(cohorts, taken).items()} == {"split.10.left": "left at ten"}


def test_a_family_may_be_measured_together(cohorts: dict[str, Cohort]) -> None:
    asked: list[list[str]] = []

    def compute(members: Mapping[str, Cohort]) -> dict[str, str]:
        asked.append(list(members))
        return {name: cohort.plan.name for name, cohort in members.items()}

    one_by_one = found(cohorts, each(SWEEP, label("which", "the cohort", name_of)))
    assert found(cohorts, measures.together(SWEEP, label("which", "the cohort", compute))) == one_by_one
    assert asked == [["relu.0.1", "relu.10", "tanh.10"]]


# All together.


def test_two_measures_of_one_name_are_refused() -> None:
    one, two = quantity("gap", "the gap", "weight", lambda _: 1.0), share("gap", "gaps", lambda _: np.array([True]))
    with pytest.raises(TypeError, match="two measures report gap"):
        declarations([one, two])
    with pytest.raises(TypeError, match=re.escape("two measures report gap.relu.10")):
        declarations([*each(LISTED, one), quantity("gap.relu.10", "the same", "weight", lambda _: 1.0)])


def test_kind_and_unit_are_declared() -> None:
    taken = [
        share("good_share", "good networks", lambda _: np.array([True])),
        quantity("gap", "the gap", "weight", lambda _: 1.0),
        median("loss", "the loss", "nats", lambda _: np.ones(1)),
        label("best", "the best", lambda _: "it"),
    ]
    assert declarations(taken) == {
        "good_share": Declared("share", "good networks", ""),
        "gap": Declared("quantity", "the gap", "weight"),
        "loss": Declared("quantity", "the loss", "nats"),
        "best": Declared("label", "the best", ""),
    }


def test_labels_say_names_as_words(cohorts: dict[str, Cohort]) -> None:
    drawn = share("drawn.<edge>", "networks that draw {edge}", lambda _: {"low_edge": np.ones(64, bool)})
    assert found(cohorts, [drawn])["drawn.low_edge"].label == "networks that draw low edge"


@pytest.mark.parametrize(("value", "words"), [(0.9, "90 %"), (0.01, "1 %"), (1.2 - 1, "20 %"), (1, "100 %")])
def test_per_cent_are_written_as_texts_write_them(value: float, words: str) -> None:
    assert percent(value) == words
