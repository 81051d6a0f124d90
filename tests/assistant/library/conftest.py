"""The library's own files, the service on a copy of them, and the `library` commands on it."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from assistant import create_app
from assistant.library.entries import Entry
from models import registry
from tests.conftest import ROOT, settings_in

Run = Callable[..., Result]
CONTENT = ROOT / "content"


def with_changes(entry: Entry, **values: object) -> Entry:
    """Return an entry with other values, unchecked."""
    return entry.model_copy(update=values)


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A folder with the library's own files."""
    return Path(shutil.copytree(CONTENT, tmp_path / "content"))


@pytest.fixture
def site(data_dir: Path, content: Path) -> Flask:
    return create_app(settings_in(data_dir, content_dir=content))


@pytest.fixture
def run(site: Flask) -> Run:
    def command(*args: str | Path) -> Result:
        return site.test_cli_runner().invoke(args=["library", *map(str, args)])

    return command


@pytest.fixture(scope="session")
def original() -> str:
    """The text of a sound entry."""
    return (CONTENT / "why-neurons-differ.md").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def more() -> str:
    """The text of the file of its phrasings."""
    return (CONTENT / "phrasings" / "why-neurons-differ.txt").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path, original: str, more: str) -> Path:
    """A folder with one entry."""
    (tmp_path / "phrasings").mkdir()
    (tmp_path / "why-neurons-differ.md").write_text(original, encoding="utf-8")
    (tmp_path / "phrasings" / "why-neurons-differ.txt").write_text(more, encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="session")
def described() -> dict[str, Mapping[str, object]]:
    """What the library's checks know of the experiments."""
    return {name: registry.describe(name) for name in registry.names()}


def line_of(text: str, beginning: str) -> int:
    """Return the line, from 1, that begins so."""
    return next(at for at, line in enumerate(text.splitlines(), 1) if line.strip().startswith(beginning))
