"""Verifying claims: counts, margins, what falls short, and the command with real runs."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from assistant import create_app
from assistant.intervals import wilson
from assistant.library.claims import Claim
from assistant.library.content.content_files import read
from assistant.library.entries import Entry
from assistant.library.phrasings import file_of
from assistant.library.texts.measured import Measured
from assistant.runs.evidence.verify import (
    Run,
    Tally,
    failures_allowed,
    numbers_table,
    tally,
    tally_number,
    to_table,
    verify,
)
from tests.conftest import ROOT, settings_in

pytestmark = pytest.mark.slow


def share(count: int, of: int = 64, label: str = "networks that did") -> dict[str, Any]:
    low, high = wilson(count, of) if of else (None, None)
    value = count / of if of else None
    return {"kind": "share", "label": label, "value": value, "count": count, "of": of, "low": low, "high": high}


def tallied(counts: list[int], label: str = "networks that did", **predicate: Any) -> Tally:
    claim = Claim(text="They do.", finding="s", **predicate)
    return tally(claim, [Run({"s": share(count, label=label)}) for count in counts])


@pytest.mark.parametrize(("runs", "expected"), [(1, 0), (2, 1), (3, 1), (19, 1), (20, 1), (39, 1), (40, 2), (100, 5)])
def test_one_run_in_twenty_may_fail(runs: int, expected: int) -> None:
    assert failures_allowed(runs) == expected


@pytest.mark.parametrize(("failures", "enough"), [(0, True), (1, True), (2, False)])
def test_a_claim_must_hold_in_nineteen_of_twenty_runs(failures: int, enough: bool) -> None:
    found = tallied([10] * failures + [60] * (20 - failures), at_least=0.5)
    assert found.evidence.held == 20 - failures
    assert found.enough is enough


def test_a_run_in_which_there_is_nothing_to_judge_does_not_count_as_held() -> None:
    claim = Claim(text="They do.", finding="s", at_least=0.5)
    empty = [Run({"s": share(0, 0)}), Run({})]
    found = tally(claim, [Run({"s": share(60)}), *empty])
    assert (found.evidence.held, found.evidence.judged, found.enough) == (1, 1, False)
    assert "1 of 3, 2 not judged" in to_table([found])
    found = tally(claim, empty)
    assert (found.result, found.margin, found.enough) == ("nothing to judge", None, False)


@pytest.mark.parametrize(
    ("predicate", "margin"),
    [
        ({"at_least": 0.3}, 3.2),
        ({"at_most": 0.6}, 1.6),
        ({"between": (0.3, 0.6)}, 1.6),
        ({"at_least": 0.6}, -1.6),
        ({"at_least": 0.0}, math.inf),
        ({"between": (0.3, 1.0)}, 3.2),
        ({"equals": 0.5}, 0),
    ],
)
def test_the_margin_is_counted_in_standard_deviations_of_one_run(predicate: dict[str, Any], margin: float) -> None:
    found = tallied([32, 30, 34], **predicate)  # half of 64; one deviation is a sixteenth
    assert found.margin == pytest.approx(margin)
    assert found.narrow is (margin < 3)


def test_the_margin_takes_the_denominators_that_the_runs_had() -> None:
    claim = Claim(text="They do.", finding="s", at_least=0.25)
    found = tally(claim, [Run({"s": share(8, 16)}), Run({"s": share(8, 16)}), Run({"s": share(2, 4)})])
    assert found.margin == pytest.approx(0.25 / math.sqrt(0.25 * (2 / 16 + 1 / 4) / 3))


def test_what_happens_in_all_or_no_networks_is_exact() -> None:
    assert tallied([64, 64], at_least=1.0).margin == math.inf
    assert tallied([0, 0], at_most=0.1).margin == math.inf
    assert tallied([64, 64], at_most=0.9).margin == -math.inf


def test_what_is_no_sample_is_told_and_has_no_margin() -> None:
    every = share(8, 78, "of all pairs") | {"low": None, "high": None}
    found = tally(Claim(text="Few.", finding="s", at_most=0.2), [Run({"s": every})] * 3)
    assert (found.result, found.margin, found.narrow, found.evidence.of) == ("8 of 78", None, False, None)


def test_quantities_and_labels_are_told_and_have_no_margin() -> None:
    claims = [Claim(text="Far.", finding="q", at_least=2), Claim(text="Best.", finding="l", equals="a")]
    runs = [
        Run(
            {
                "q": {"kind": "quantity", "label": "gap", "unit": "weight", "value": value},
                "l": {"kind": "label", "label": "best", "value": label},
            }
        )
        for value, label in ((3.0, "a"), (1.0, "b"), (5.0, "a"))
    ]
    far, best = (tally(claim, runs) for claim in claims)
    assert (far.result, far.evidence.held, far.margin, far.narrow) == ("1 to 5", 2, None, False)
    assert (best.result, best.evidence.held, best.margin) == ("a (2 of 3)", 2, None)


def test_the_table_names_what_falls_short_and_what_is_narrow() -> None:
    lines = to_table([tallied([10] * 20, at_least=0.5), tallied([32, 33], at_least=0.4), tallied([64], at_least=1)])
    short, narrow, sound = lines.splitlines()[1:]
    assert "0 of 20" in short
    assert "FALLS SHORT" in short
    assert "NARROW" in narrow
    assert "FALLS SHORT" not in narrow
    assert "64 of 64 (94.3 to 100.0 %)" in sound
    assert "exact" in sound


def test_entries_of_one_experiment_and_the_same_parameters_are_judged_by_the_same_runs() -> None:
    whole = read(ROOT / "content")[0]
    own = [claim.model_dump() for claim in whole.claims if claim.experiment is None]
    first = Entry.model_validate(whole.model_dump() | {"claims": own, "explanation": "It depends on the start."})
    other = Entry.model_validate(first.model_dump() | {"slug": "other"})
    short = {"experiment": first.main.experiment, "hyperparameters": {"steps": 5}}
    varied = Entry.model_validate(first.model_dump() | {"slug": "varied", "experiments": [short]})
    executed: list[tuple[str, int]] = []

    def execute(name: str, _values: Mapping[str, Any], seed: int, _before: frozenset[str]) -> Run:
        executed.append((name, seed))
        return Run({})

    found = list(verify([first, other, varied], [7, 8], execute))
    assert [entry.slug for entry, _, _ in found] == [first.slug, "other", "varied"]
    assert executed == [(each.experiment, seed) for each in first.experiments for seed in (7, 8)] + [
        (first.main.experiment, seed) for seed in (7, 8)
    ]


@pytest.mark.parametrize(
    ("words", "counts", "drifted"),
    [
        ("84 %", [54, 53, 54], False),
        ("84 %", [54] * 40, False),
        ("84 %", [50] * 40, True),
        ("53 of 64", [50] * 40, True),
        ("none", [0, 0], False),
        ("none", [0, 1], True),
        ("all", [64, 64], False),
    ],
)
def test_a_written_share_has_drifted_outside_the_interval_of_all_runs(
    words: str, counts: list[int], drifted: bool
) -> None:
    found = tally_number(Measured("s", words, 1), [Run({"s": share(count)}) for count in counts])
    assert found.drifted is drifted
    assert ("DRIFTED" in numbers_table([found])) is drifted
    assert f"{sum(counts):,} of {64 * len(counts):,} networks" in numbers_table([found])


@pytest.mark.parametrize(
    ("words", "values", "drifted"),
    [
        ("1.9", [1.7, 2.2] * 8, False),
        ("1.6", [1.7, 2.2] * 8, True),
        ("1.6", [1.7, 2.2] * 7, False),  # the range of fewer runs says little
        ("1.7", [1.74] * 15, False),
        ("1.6", [1.74] * 15, True),
        ("1.6", [1.74] * 3, False),  # steps that are recorded now and then are often alike
    ],
)
def test_a_written_quantity_has_drifted_outside_the_range_of_the_runs(
    words: str, values: list[float], drifted: bool
) -> None:
    runs = [Run({"q": {"kind": "quantity", "label": "gap", "value": value, "unit": "weight"}}) for value in values]
    assert tally_number(Measured("q", words, 1), runs).drifted is drifted


def test_a_number_whose_finding_no_run_reports_has_drifted() -> None:
    found = tally_number(Measured("other", "84 %", 1), [Run({"s": share(54)})])
    assert found.drifted
    assert "nothing to measure" in numbers_table([found])


def controlled(control: str | None, refuted: int, runs: int = 20, **more: Any) -> Tally:
    """Tally a claim that always holds, and whose control finds the contrary in so many runs."""
    claim = Claim(text="They do.", finding="s", at_least=0.5, control=control, **more)
    others = [share(10 if at < refuted else 60) for at in range(runs)]
    return tally(claim, [Run({"s": share(60), "arm": other}, {"s": other}) for other in others])


@pytest.mark.parametrize("control", ["untrained", "arm"])
@pytest.mark.parametrize(("refuted", "idle"), [(20, False), (19, False), (18, True), (0, True)])
def test_a_claim_must_be_refuted_by_its_control_in_nineteen_of_twenty_runs(
    control: str, refuted: int, idle: bool
) -> None:
    found = controlled(control, refuted)
    assert (found.refuted, found.idle, found.enough) == (refuted, idle, True)
    assert f"{refuted} of 20: {control}" in to_table([found])
    assert ("NOT REFUTED" in to_table([found])) is idle


def test_a_control_that_finds_nothing_refutes_nothing() -> None:
    claim = Claim(text="They do.", finding="s", at_least=0.5, control="untrained")
    assert tally(claim, [Run({"s": share(60)}, {"s": share(0, 0)}), Run({"s": share(60)})]).refuted == 0


def test_a_claim_without_a_control_is_named_and_a_theorem_needs_none() -> None:
    bare, theorem = controlled(None, 0), controlled(None, 0, theorem=True)
    assert (bare.refuted, bare.idle, theorem.idle) == (None, True, False)
    assert "NO CONTROL" in to_table([bare])
    assert "NO CONTROL" not in to_table([theorem])


def test_networks_before_training_are_asked_for_what_claims_need_of_them() -> None:
    first = read(ROOT / "content")[0]
    claims = [
        {"text": "One.", "finding": "identical_share.constant", "at_least": 1.0, "control": "untrained"},
        {"text": "Two.", "finding": "accuracy.glorot", "at_least": 0.5, "control": "accuracy.zero"},
    ]
    asked: list[tuple[str, frozenset[str]]] = []

    def execute(name: str, _values: Mapping[str, Any], _seed: int, before: frozenset[str]) -> Run:
        asked.append((name, before))
        return Run({})

    list(verify([Entry.model_validate(first.model_dump() | {"claims": claims})], [7], execute))
    assert asked[0] == (first.main.experiment, frozenset({"identical_share.constant"}))
    assert not any(before for _, before in asked[1:])


def command(tmp_path: Path, content: Path, *arguments: str) -> tuple[int, str]:
    app = create_app(settings_in(tmp_path / "data", content_dir=content))
    done = app.test_cli_runner().invoke(args=["library", "verify", *arguments])
    return done.exit_code, done.output


def test_the_command_runs_the_experiments_and_says_how_to_repeat_it(tmp_path: Path) -> None:
    status, told = command(tmp_path, ROOT / "content", "two-neurons-one-line", "--runs", "2", "--seed", "5")
    assert status == 0, told
    assert "two-neurons-one-line: 2 runs of similar-lines, separate-errors" in told
    assert "2 of 2: untrained" in told
    assert "2 of 2: duplicate_share.shared" in told
    assert "--runs 2 --seed 5 repeats this" in told
    assert "why-neurons-differ" not in told
    assert command(tmp_path, ROOT / "content", "two-neurons-one-line", "--runs", "2", "--seed", "5") == (0, told)


def _without_neighbours(text: str) -> str:
    """Return an entry's text without links to entries that are not there, and without its numbers' findings."""
    return text.replace("](", "](https://x.example/").replace("![](https://x.example/figure:", "![](figure:")


def test_the_command_leaves_with_status_1_when_a_claim_falls_short(tmp_path: Path) -> None:
    content = tmp_path / "content"
    (content / "phrasings").mkdir(parents=True)
    more = file_of("two-neurons-one-line")
    (content / more).write_bytes((ROOT / "content" / more).read_bytes())
    text = (ROOT / "content" / "two-neurons-one-line.md").read_text(encoding="utf-8")
    wrong = text.replace("finding: duplicate_share\n    at_most: 0.2", "finding: duplicate_share\n    at_least: 0.5")
    assert wrong != text
    (content / "two-neurons-one-line.md").write_text(_without_neighbours(wrong), encoding="utf-8")
    status, told = command(tmp_path, content, "--runs", "1", "--seed", "5")
    assert status == 1, told
    assert "FALLS SHORT" in told
    assert "1 fall short" in told


def test_the_command_leaves_with_status_1_when_a_number_of_a_text_has_drifted(tmp_path: Path) -> None:
    content = tmp_path / "content"
    (content / "phrasings").mkdir(parents=True)
    more = file_of("two-neurons-one-line")
    (content / more).write_bytes((ROOT / "content" / more).read_bytes())
    text = _without_neighbours((ROOT / "content" / "two-neurons-one-line.md").read_text(encoding="utf-8"))
    wrong = f"{text}\nAbout [99.7 %](finding:duplicate_share) do, and [all](finding:diverged_share) diverge.\n"
    (content / "two-neurons-one-line.md").write_text(wrong, encoding="utf-8")
    status, told = command(tmp_path, content, "--runs", "2", "--seed", "5")
    assert status == 1, told
    assert told.count("DRIFTED") == 2
    assert "2 measured numbers, 2 drifted" in told


def test_the_command_names_the_entries_when_one_is_unknown(tmp_path: Path) -> None:
    status, told = command(tmp_path, ROOT / "content", "no-such-entry")
    assert status == 2
    assert "there is no entry 'no-such-entry': one of" in told
