"""Experiments are found by their files, and described without being run."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import models
from models import experiments, registry
from models.experiment import NETWORKS, BadInputError, Hyperparameters

SOURCE = Path(models.__file__).parent

TINY = '''
"""A tiny experiment."""

from models.experiment import Experiment, Hyperparameters
from models.labs.xor import XOR
from models.measures import share
from models.plans import Plan, Start
from models.readings import success


class Tiny(Experiment[Hyperparameters]):
    """Train nothing."""

    title = "Tiny"
    summary = "Trains nothing."
    parameters = Hyperparameters
    measures = (share("success", "networks that succeed", success),)

    def plans(self, hyperparameters):
        yield Plan("main", XOR, Start.by("zero"), steps=0)

    def figures(self, result):
        return ()
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return an empty folder in which experiments are looked for, besides those that are there."""
    monkeypatch.setattr(experiments, "__path__", [*experiments.__path__, str(tmp_path)])
    registry.find.cache_clear()
    yield tmp_path
    registry.find.cache_clear()


def test_names_are_the_files() -> None:
    files = {path.stem for path in (SOURCE / "experiments").glob("*.py")} - {"__init__"}
    assert registry.names() == sorted(file.replace("_", "-") for file in files)
    assert {"symmetry", "rerun", "blobs-split", "similar-lines"} <= set(registry.names())


@pytest.mark.parametrize("name", registry.names())
def test_every_experiment_is_found_by_its_name(name: str) -> None:
    found = registry.find(name)
    assert found.name == name
    assert registry.find(name) is found


@pytest.mark.parametrize("name", registry.names())
def test_descriptions_are_plain_data(name: str) -> None:
    described = registry.describe(name)
    assert set(described) == {"name", "title", "summary", "parameters", "findings", "figures", "cost", "code"}
    assert described["name"] == name
    assert described["parameters"]["additionalProperties"] is False
    assert described["findings"]["diverged_share"]["kind"] == "share"
    for finding in described["findings"].values():
        assert set(finding) == {"kind", "label", "unit"}
        assert finding["label"]
        assert bool(finding["unit"]) == (finding["kind"] == "quantity")
    assert json.loads(json.dumps(described, allow_nan=False)) == described


@pytest.mark.parametrize("name", registry.names())
def test_what_a_run_costs_is_told_at_the_ends_of_each_range(name: str) -> None:
    cost, properties = registry.describe(name)["cost"], registry.describe(name)["parameters"]["properties"]
    experiment = registry.find(name)
    assert cost["default"] == experiment.cost(experiment.parameters(), NETWORKS) > 0
    assert "steps" in cost["by"] or "steps" not in properties
    for parameter, points in cost["by"].items():
        for value, steps in points:
            assert experiment.cost(experiment.validate({parameter: value}, NETWORKS, 0), NETWORKS) == steps


@pytest.mark.parametrize("name", ["nothing", "", "blobs_split", "Symmetry", "../experiment", "os", "a\nb"])
def test_an_unknown_name_is_refused_with_all_known_ones(name: str) -> None:
    with pytest.raises(BadInputError) as caught:
        registry.find(name)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    for known in registry.names():
        assert known in message


def test_a_new_file_is_a_new_experiment(folder: Path) -> None:
    before = registry.names()
    (folder / "tiny_thing.py").write_text(TINY, encoding="utf-8")
    assert registry.names() == sorted([*before, "tiny-thing"])
    assert registry.find("tiny-thing").title == "Tiny"
    assert registry.find("tiny-thing").name == "tiny-thing"
    result = registry.find("tiny-thing").execute(Hyperparameters(), networks=2, seed=1)
    assert result.to_json()["experiment"] == "tiny-thing"
    assert (result.share("success").count, result.share("success").of) == (0, 2)


@pytest.mark.parametrize(
    ("stem", "source"),
    [("holds_none", '"""Nothing."""\n'), ("holds_two", f"{TINY}\n\nclass Second(Tiny):\n    pass\n")],
)
def test_a_file_must_hold_exactly_one_experiment(folder: Path, stem: str, source: str) -> None:
    (folder / f"{stem}.py").write_text(source, encoding="utf-8")
    with pytest.raises(TypeError, match="exactly one experiment"):
        registry.find(stem.replace("_", "-"))


@pytest.mark.parametrize("name", registry.names())
def test_readers_get_words_and_no_codes(name: str) -> None:
    experiment = registry.find(name)
    told = [declared.label for declared in experiment.declared.values()]
    if experiment.replay is not None:
        told += experiment.replay.cohorts.values()
        told += [words for words, _ in experiment.replay.counts.values()]
    for words in told:
        without_placeholders = re.sub(r"\{\w*\}", "", words)
        assert not re.search(r"[a-z]_[a-z]|\b(relu|sgd|adam)\b", without_placeholders), words
        assert not re.search(r"\d%", words), words
