"""The service on a copy of the library's own files, and the `library` commands on it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from assistant import create_app
from assistant.library.entries import Entry
from tests.conftest import ROOT, settings_in

Run = Callable[..., Result]


def with_changes(entry: Entry, **values: object) -> Entry:
    """Return an entry with other values, unchecked."""
    return entry.model_copy(update=values)


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A folder with the library's own files."""
    return Path(shutil.copytree(ROOT / "content", tmp_path / "content"))


@pytest.fixture
def site(data_dir: Path, content: Path) -> Flask:
    return create_app(settings_in(data_dir, content_dir=content))


@pytest.fixture
def run(site: Flask) -> Run:
    def command(*args: str | Path) -> Result:
        return site.test_cli_runner().invoke(args=["library", *map(str, args)])

    return command
