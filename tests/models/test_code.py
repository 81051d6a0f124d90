"""The hash of an experiment's code changes with the modules that it uses, and with no others."""

import shutil
from pathlib import Path

import pytest

from models import registry
from models.code import ROOT, code_hash, used_modules

pytestmark = pytest.mark.slow


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return a copy of the package's source."""
    root = tmp_path / "models"
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns("__pycache__"))
    return root


def changed_by(root: Path, path: str) -> set[str]:
    """Return the experiments whose hash a new line in one file changes."""
    before = {name: code_hash(name) for name in registry.names()}  # of the source, which the copy is like
    file = root / path
    file.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    return {name for name in before if code_hash.__wrapped__(name, root) != before[name]}


def test_a_copys_hash_is_the_sources(source: Path) -> None:
    assert code_hash("blobs-split", source) == code_hash("blobs-split")


def test_each_experiment_has_its_own_hash() -> None:
    assert len({code_hash(name) for name in registry.names()}) == len(registry.names())


@pytest.mark.parametrize(
    "path",
    ["training.py", "ensemble.py", "experiment.py", "plans.py", "network.py", "streams.py", "datasets/__init__.py"],
)
def test_the_engine_is_part_of_every_hash(source: Path, path: str) -> None:
    assert changed_by(source, path) == set(registry.names())


@pytest.mark.parametrize(
    "path",
    [
        *("figures/style.py", "figures/__init__.py", "figures/splits.py"),
        *("__main__.py", "registry.py", "loading.py", "wordings.py"),
    ],
)
def test_figures_synonyms_and_the_command_line_are_part_of_none(source: Path, path: str) -> None:
    assert changed_by(source, path) == set()


def test_an_experiment_is_part_of_its_own_hash_alone(source: Path) -> None:
    assert changed_by(source, "experiments/learning_rate.py") == {"learning-rate"}


def test_a_helper_that_one_experiment_imports_is_part_of_that_hash_alone(source: Path) -> None:
    (source / "helper.py").write_text('"""Help."""\n', encoding="utf-8")
    experiment = source / "experiments" / "learning_rate.py"
    inside = "\n\ndef later():\n    from models import helper\n    return helper\n"
    experiment.write_text(experiment.read_text(encoding="utf-8") + inside, encoding="utf-8")
    assert changed_by(source, "helper.py") == {"learning-rate"}


def test_data_is_part_of_the_hashes_of_those_who_learn_it(source: Path) -> None:
    changed = changed_by(source, "datasets/coffee.py")
    assert "learning-rate" not in changed
    assert "rerun" in changed


def test_what_is_imported_inside_a_function_counts() -> None:
    used = used_modules(ROOT / "experiments" / "learning_rate.py")
    assert ROOT / "training.py" in used  # `models.ensemble` imports it where it trains.
    assert not [path for path in used if path.parent.name == "figures"]


def test_a_renamed_file_changes_the_hash(source: Path) -> None:
    before = code_hash.__wrapped__("learning-rate", source)
    (source / "labs" / "blobs.py").rename(source / "labs" / "clouds.py")
    experiment = source / "experiments" / "learning_rate.py"
    text = experiment.read_text(encoding="utf-8").replace("labs.blobs", "labs.clouds")
    experiment.write_text(text, encoding="utf-8")
    assert code_hash.__wrapped__("learning-rate", source) != before
