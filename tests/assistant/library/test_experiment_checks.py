"""The files of the library are checked against what the experiments report and draw."""

import math
import re
from pathlib import Path
from typing import Any

import pytest

from assistant import create_app
from assistant.library.claims import Claim
from assistant.library.configurations import Configuration
from assistant.library.content.content_files import read
from assistant.library.entries import Entry, mistakes_in
from assistant.library.findings import declaration_of, quantity_text
from tests.assistant.library.conftest import CONTENT, line_of, with_changes
from tests.conftest import settings_in

pytestmark = pytest.mark.slow


def test_checks_against_the_experiments_find_what_a_file_alone_cannot_show(
    described: dict[str, dict[str, object]],
) -> None:
    first = read(CONTENT)[0]
    main = first.main
    own = tuple(claim for claim in first.claims if claim.experiment is None)
    entry = with_changes(first, experiments=(main,), claims=own, beliefs=())
    other = Configuration(experiment="width", hyperparameters={"steps": 0})

    def claiming(**values: object) -> Entry:
        return with_changes(entry, claims=(entry.claims[0].model_copy(update=values),))

    wrong = {
        "experiments.0.experiment": with_changes(entry, experiments=(Configuration(experiment="nope"),)),
        "experiments.0.hyperparameters": with_changes(
            entry, experiments=(Configuration(experiment="symmetry", hyperparameters={"stepz": 5}),)
        ),
        "experiments.1.hyperparameters": with_changes(entry, experiments=(main, other)),
        "claims.0.finding": claiming(finding="no_such_finding"),
        "claims.0.experiment": claiming(experiment="width"),
        "claims.0.at_least": claiming(at_least=95.0),
        "claims.0.control": claiming(control="gap.constant"),
        "explanation": with_changes(entry, explanation="See [that](no-such-entry)."),
    }
    linking = [mistake for mistake in mistakes_in([entry], described) if mistake.key != "explanation"]
    assert linking == []
    for key, each in wrong.items():
        found = {mistake.key for mistake in mistakes_in([each], described)}
        assert key in found
        assert found <= {key, "explanation"}


def test_a_claim_about_another_experiment_is_checked_against_its_findings(
    described: dict[str, dict[str, object]],
) -> None:
    entry = with_changes(read(CONTENT)[0], beliefs=())
    claim = Claim(text="Ten are enough.", finding="success.xor.10", experiment="width", at_least=0.5)
    both = (*entry.experiments, Configuration(experiment="width"))
    slugs = [each.slug for each in read(CONTENT)]
    assert mistakes_in([with_changes(entry, experiments=both, claims=(claim,))], described, slugs) == []
    wrong = claim.model_copy(update={"finding": "gap.constant"})
    (mistake,) = mistakes_in([with_changes(entry, experiments=both, claims=(wrong,))], described, slugs)
    assert mistake.key == "claims.0.finding"
    assert "success.xor.10" in mistake.message


@pytest.mark.parametrize("entry", read(CONTENT), ids=lambda entry: entry.slug)
def test_every_claim_that_is_no_theorem_has_a_control_and_every_entry_four_of_them(entry: Entry) -> None:
    can_fail = [claim for claim in entry.claims if not claim.theorem]
    assert len(can_fail) >= 4
    assert [claim.text for claim in can_fail if claim.control is None] == []


def test_a_claim_and_what_was_measured_are_in_one_unit(described: dict[str, dict[str, Any]]) -> None:
    """A part of something is measured in per cent wherever its claim is made in per cent, and only there."""
    for entry in read(CONTENT):
        for claim in entry.claims:
            declared = described[claim.experiment or entry.main.experiment]["findings"]
            finding = declaration_of(claim.finding, declared)
            assert finding is not None
            if finding["kind"] != "quantity" or isinstance(claim.bounds, str):
                continue
            for bound in filter(math.isfinite, claim.bounds):
                per_cent, points = (f"{abs(100 * bound):g} {word}" for word in ("%", "points"))
                in_per_cent = re.search(rf"(?<!\d){re.escape(per_cent)}", claim.text)
                assert not re.search(rf"at least {points} (below|above)", claim.text), claim.text
                assert not in_per_cent or "%" in quantity_text(bound, finding["unit"]), claim.text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("![](figure:wal)", "no figure 'wal' is drawn: choose one of ladder, identical, wall"),
        ("![](figure:width/spare)", "belongs to an experiment that this entry does not have"),
        ("Words ![](figure:wall) around.", "'wall' must stand alone between empty lines"),
        ("![](figure:wall)\n\n![](figure:wall)", "'wall' stands twice"),
    ],
)
def test_a_figure_that_cannot_be_placed_is_named(described: dict[str, dict[str, object]], text: str, told: str) -> None:
    entry = with_changes(read(CONTENT)[0], explanation=text)
    (mistake,) = mistakes_in([entry], described)
    assert mistake.key == "explanation"
    assert told in mistake.message
    nothing_known = {name: {**each, "figures": []} for name, each in described.items()}
    assert [each for each in mistakes_in([entry], nothing_known) if "is drawn" in each.message] == []


def test_a_figure_of_a_further_experiment_is_placed_by_both_names(described: dict[str, dict[str, object]]) -> None:
    entry = read(CONTENT)[0]
    both = (*entry.experiments, Configuration(experiment="width"))
    assert mistakes_in([with_changes(entry, experiments=both, explanation="![](figure:width/spare)")], described) == []


def test_the_check_command_names_file_key_and_line(data_dir: Path, folder: Path, original: str) -> None:
    text = original.replace("finding: gap.tiny_noise", "finding: no_such_finding", 1) + "\nSee [that](no-such-entry).\n"
    (folder / "why-neurons-differ.md").write_text(text, encoding="utf-8")
    app = create_app(settings_in(data_dir, content_dir=folder))
    result = app.test_cli_runner().invoke(args=["library", "check"])
    assert result.exit_code == 1
    line = line_of(text, "finding: no_such_finding")
    assert (
        f"why-neurons-differ.md:{line}: claims.3.finding: the experiment reports no 'no_such_finding'" in result.output
    )
    assert "explanation: a link leads to 'no-such-entry'" in result.output


def test_a_number_of_an_unknown_finding_is_named_with_its_line(data_dir: Path, folder: Path, original: str) -> None:
    front, body = original.rsplit("---\n", 1)
    front = re.sub(r"short: >-\n(  .*\n)+", "short: >-\n  About [84 %](finding:nothing) do.\n", front, count=1)
    text = f"{front}---\n{body}\nAbout [84 %](finding:no_such_finding),\nor [0.84](finding:identical_share.glorot).\n"
    (folder / "why-neurons-differ.md").write_text(text, encoding="utf-8")
    app = create_app(settings_in(data_dir, content_dir=folder))
    result = app.test_cli_runner().invoke(args=["library", "check"])
    assert result.exit_code == 1
    lines = (line_of(text, each) for each in ("short:", "About [84 %](finding:no_such", "or [0.84]"))
    told = zip(
        lines,
        (
            "short: [84 %] cannot be checked: the experiment reports no 'nothing'",
            "explanation: [84 %] cannot be checked: the experiment reports no 'no_such_finding'",
            "explanation: [0.84] cannot be checked: '0.84' is no share: write it as 84 %, 53 of 64",
        ),
        strict=True,
    )
    missing = [
        f"{line}: {words}" for line, words in told if f"why-neurons-differ.md:{line}: {words}" not in result.output
    ]
    assert missing == []
