"""The command line, as people, scripts and the worker call it."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import models
from models import registry
from models.__main__ import main
from models.figures import style

pytestmark = pytest.mark.slow

ROOT = Path(models.__file__).parents[1]
NAMES = registry.names()
SMALL = ("--networks", "2", "--seed", "3", "--set", "steps=5")
Said = Callable[..., tuple[int, str, str]]


@pytest.fixture
def said(capfd: pytest.CaptureFixture[str]) -> Said:
    """Return a function that calls the command line and returns exit status, standard output, standard error."""

    def call(*arguments: str) -> tuple[int, str, str]:
        try:
            status = main(arguments)
        except SystemExit as stop:
            status = int(stop.code or 0)
        return (status, *capfd.readouterr())

    return call


def refused(said: Said, *arguments: str) -> str:
    """Return the one line with which the command line refuses."""
    status, out, err = said(*arguments)
    assert status == 2
    assert not out
    assert err.endswith("\n")
    assert len(err.splitlines()) == 1
    return err


def repeatable(run: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in run.items() if key != "seconds"}


def test_list_names_every_experiment_with_its_parameters(said: Said) -> None:
    status, out, err = said("list")
    assert (status, err) == (0, "")
    for name in NAMES:
        described = registry.describe(name)
        assert re.search(rf"^{name}$", out, re.MULTILINE)
        assert described["title"] in out
        for key, rule in described["parameters"]["properties"].items():
            assert f"{key} = {rule['default']}: {rule['description']}" in out


def test_list_json_describes_every_experiment(said: Said) -> None:
    status, out, err = said("list", "--json")
    assert (status, err) == (0, "")
    found = json.loads(out)
    assert [each["name"] for each in found] == NAMES
    assert found == [registry.describe(name) for name in NAMES]
    for each in found:
        assert each["parameters"]["properties"]["steps"]["minimum"] == 1
        assert each["findings"]
        assert re.fullmatch(r"[0-9a-f]{64}", each["code"])


@pytest.mark.parametrize("name", NAMES)
def test_run_prints_only_json_where_it_is_asked_for(said: Said, name: str) -> None:
    status, out, _ = said("run", name, *SMALL, "--json", "-")
    assert status == 0
    found = json.loads(out)
    assert (found["experiment"], found["networks"], found["seed"]) == (name, 2, 3)
    assert found["hyperparameters"]["steps"] == 5
    assert found["findings"]


def test_run_prints_a_table_for_people(said: Said) -> None:
    status, out, _ = said("run", "symmetry", *SMALL)
    assert status == 0
    assert "2 networks, seed 3" in out
    assert re.search(r"identical_share\.constant +2 of 2 \(34\.2% to 100\.0%\)", out)
    assert re.search(r"first_step_apart\.constant +none", out)
    assert re.search(r"gap\.constant +0 weight", out)
    assert "optimiser: Adam, rate 0.01" in out


def test_a_share_of_nothing_is_said_to_be_none(said: Said) -> None:
    _, out, _ = said("run", "rerun", *SMALL)
    assert re.search(r"same_features_share +none \(of 0\)", out)


def test_a_long_family_is_cut_in_the_table(said: Said) -> None:
    _, out, _ = said("run", "blobs-split", *SMALL)
    assert re.search(r"frozen_loss\.… +66 more", out)
    assert len(re.findall(r"^ *frozen_loss\.\d", out, re.MULTILINE)) == 12


def test_run_writes_json_to_a_file(said: Said, tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    status, out, _ = said("run", "rerun", *SMALL, "--json", str(file))
    assert status == 0
    assert "2 networks, seed 3" in out
    _, printed, _ = said("run", "rerun", *SMALL, "--json", "-")
    assert repeatable(json.loads(file.read_text(encoding="utf-8"))) == repeatable(json.loads(printed))


@pytest.mark.parametrize("name", ["rerun", "curve", "cost-average"])
def test_run_draws_figures_into_a_folder(said: Said, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "new" / "figures"
    status, out, err = said("run", name, *SMALL, "--json", "-", "--figures", str(folder))
    assert status == 0
    assert json.loads(out)["seconds"]["figures"] > 0
    experiment = registry.find(name)
    result = experiment.execute(experiment.validate({"steps": 5}, 2, 3), networks=2, seed=3)
    figures = list(experiment.figures(result))
    endings = (".svg", ".png", ".dark.png", ".txt")
    assert {path.name for path in folder.iterdir()} == {f"{each.name}{end}" for each in figures for end in endings}
    for figure in figures:
        assert (folder / f"{figure.name}.svg").read_bytes() == style.svg(figure)
        words = (folder / f"{figure.name}.txt").read_text(encoding="utf-8")
        assert figure.alternative in words
        assert "\t".join(figure.table.columns) in words
        light, dark = (
            np.asarray(Image.open(BytesIO((folder / f"{figure.name}{end}").read_bytes())).convert("L"))
            for end in (".png", ".dark.png")
        )
        assert light.mean() > 128 > dark.mean()
        assert f"wrote {folder / figure.name}.svg" in err


@pytest.mark.parametrize("pair", ["rate=0.5", "rate=5e-1", 'initializer="he_normal"', "initializer=he_normal"])
def test_set_takes_json_and_plain_text(said: Said, pair: str) -> None:
    status, out, _ = said("run", "rerun", *SMALL, "--set", pair, "--json", "-")
    assert status == 0
    key = pair.partition("=")[0]
    assert json.loads(out)["hyperparameters"][key] == {"rate": 0.5, "initializer": "he_normal"}[key]


def test_the_seed_is_drawn_and_named_unless_given(said: Said) -> None:
    arguments = ("run", "rerun", "--networks", "2", "--set", "steps=5", "--json", "-")
    first, second = (json.loads(said(*arguments)[1]) for _ in range(2))
    assert first["seed"] != second["seed"]
    again = json.loads(said(*arguments, "--seed", str(first["seed"]))[1])
    assert repeatable(again) == repeatable(first)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((), "list"),
        (("nonsense",), "run"),
        (("run",), "NAME"),
        (("run", "nonsense"), ", ".join(NAMES)),
        (("run", "blobs_split"), "blobs-split"),
        (("run", "rerun", "--networks", "0"), "from 1 to 65,536"),
        (("run", "rerun", "--networks", "10000000"), "from 1 to 65,536"),
        (("run", "rerun", "--networks", "-3"), "from 1 to 65,536"),
        (("run", "rerun", "--networks", "many"), "a whole number"),
        (("run", "rerun", "--networks", "2.5"), "a whole number"),
        (("run", "rerun", "--networks", "a\nb"), "a whole number"),
        (("run", "rerun", "--networks", "9" * 5_000), "a whole number"),
        (("run", "rerun", "--seed", "-1"), f"from 0 to {2**63 - 1}"),
        (("run", "rerun", "--seed", "x"), "a whole number"),
        (("run", "rerun", "--set", "steps"), "KEY=VALUE"),
        (("run", "rerun", "--set", "=5"), "KEY=VALUE"),
        (("run", "rerun", "--set", "steps="), "a whole number from 1 to 20,000"),
        (("run", "rerun", "--set", "steps=0"), "a whole number from 1 to 20,000"),
        (("run", "rerun", "--set", "steps=2.5"), "a whole number from 1 to 20,000"),
        (("run", "rerun", "--set", "steps=null"), "a whole number from 1 to 20,000"),
        (("run", "rerun", "--set", f"steps={'9' * 5_000}"), "a whole number from 1 to 20,000"),
        (("run", "rerun", "--set", f"steps={'[' * 100_000}"), "a whole number from 1 to 20,000"),
        (("run", "rerun", "--set", "rate=NaN"), "a number from 1e-06 to 100"),
        (("run", "rerun", "--set", "rate=Infinity"), "a number from 1e-06 to 100"),
        (("run", "rerun", "--set", "rate=1e999"), "a number from 1e-06 to 100"),
        (("run", "rerun", "--set", "rate=fast"), "a number from 1e-06 to 100"),
        (("run", "rerun", "--set", "rate=a\nb"), "a number from 1e-06 to 100"),
        (("run", "rerun", "--set", "initializer=zero"), "glorot_uniform, glorot_normal, he_uniform, he_normal"),
        (("run", "rerun", "--set", "speed=1"), "steps, rate, initializer"),
        (("run", "rerun", "--networks", "65536", "--set", "steps=20000"), "400,000,000"),
        (("run", "rerun", "--nonsense"), "--nonsense"),
        (("run", "rerun", "--nonsense\nmore"), "--nonsense"),
        (("list", "--set", "steps=1"), "--set"),
        (("export", "rerun"), "--seed"),
        (("export", "nothing", "--seed", "1"), "blobs-split"),
        (("export", "rerun", "--seed", "1", "--network", "-1"), "from 0 to 65,535"),
        (("export", "rerun", "--seed", "1", "--network", "one"), "a whole number"),
        (("export", "rerun", "--seed", "1", "--format", "word"), "keras"),
        (("export", "rerun", "--seed", "1", "--set", "steps=0"), "a whole number from 1 to 20,000"),
        (("export", "blobs-split", "--seed", "1", "--cohort", "other"), "main, frozen"),
        (("export", "blobs-split", "--seed", "1", "--cohort", "frozen", "--network", "78"), "0 to 77"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, tuple) else "",
)
def test_bad_input_is_refused_in_one_line(said: Said, arguments: tuple[str, ...], named: str) -> None:
    assert named in refused(said, *arguments)


def test_a_network_is_exported_as_a_script_and_as_a_notebook(said: Said) -> None:
    asked = ("export", "blobs-split", "--seed", "7", "--network", "3", "--set", "steps=20")
    status, script, err = said(*asked)
    assert (status, err) == (0, "")
    compile(script, "network.py", "exec")
    assert "NETWORK = 3\nSEED = 7\n" in script
    assert "range(20)" in script
    notebook = json.loads(said(*asked, "--format", "notebook")[1])
    assert notebook["nbformat"] == 4
    assert said(*asked[:-3], "4", *asked[-2:])[1] != script


def test_a_folder_that_cannot_be_made_is_refused(said: Said, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    assert str(file) in refused(said, "run", "rerun", *SMALL, "--figures", str(file))


def test_a_file_that_cannot_be_written_is_refused(said: Said, tmp_path: Path) -> None:
    file = tmp_path / "missing" / "run.json"
    assert str(file) in refused(said, "run", "rerun", *SMALL, "--json", str(file))


@pytest.fixture(scope="module")
def two_processes() -> list[tuple[int, str, str]]:
    """Return exit status, standard output and standard error of two runs of one seed in processes of their own."""
    command = [sys.executable, "-m", "models", "run", "rerun", *SMALL, "--json", "-"]
    started = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    ended = [process.communicate(timeout=120) for process in started]
    return [(process.returncode, *said) for process, said in zip(started, ended, strict=True)]


def test_a_process_prints_json_and_nothing_but_progress_beside_it(two_processes: list[tuple[int, str, str]]) -> None:
    for status, out, err in two_processes:
        assert status == 0
        assert json.loads(out)["experiment"] == "rerun"
        assert [line for line in err.splitlines() if not re.fullmatch(r"training: \d+ %", line)] == []


def test_two_processes_find_the_same_from_the_same_seed(two_processes: list[tuple[int, str, str]]) -> None:
    first, second = (repeatable(json.loads(out)) for _, out, _ in two_processes)
    assert first == second


def test_listing_and_refusing_load_neither_tensorflow_nor_scikit_learn() -> None:
    script = """
import sys
from models.__main__ import main
assert main(["list", "--json"]) == 0
assert main(["run", "rerun", "--networks", "0"]) == 2
assert main(["export", "rerun", "--seed", "1"]) == 0
print(sorted({"tensorflow", "keras", "sklearn", "matplotlib.pyplot"} & set(sys.modules)), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "[]"
