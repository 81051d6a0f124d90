"""The flask commands: pruning, forgetting, and what they say when the database cannot be used."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from assistant import create_app
from assistant.config import Settings
from assistant.database import db, now
from assistant.library import phrasing_queries
from assistant.questions.tables import QuestionRow
from tests.assistant.conftest import Run, questions_in, runner_of

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
TITLE = "If every neuron gets the same data, why do they not all come out the same?"


def test_questions_are_forgotten_after_their_time(data_dir: Path) -> None:
    app = create_app(Settings.model_validate({"data_dir": data_dir, "keep_questions_days": 30}))
    client = app.test_client()
    for text in ("Is this old?", TITLE, "Is this new?"):
        assert client.post("/questions", data={"question": text}).status_code == 303
    with app.app_context():
        for text in ("Is this old?", TITLE):
            db.session.query(QuestionRow).filter_by(text=text).one().asked_at = now() - timedelta(days=31)
        db.session.commit()
    result = runner_of(app)("questions", "forget")
    assert (result.exit_code, result.output) == (0, "deleted 2 questions and 0 guesses that were older than 30 days\n")
    assert questions_in(data_dir / "askneuron.sqlite") == ["Is this new?"]


def test_pruning_says_what_it_did(run: Run) -> None:
    result = run("runs", "prune", "--older-than", "30")
    assert (result.exit_code, result.output) == (
        0,
        "dropped 0 pictures and 0 replays, 0.0 MB; new runs use the space again\n",
    )
    assert run("runs", "prune").exit_code == 2
    for days in ("-1", "36501", "999999", "1000000000", "9" * 30):  # some of which no calendar has
        assert run("runs", "prune", "--older-than", days).exit_code == 2


NO_TEXT = b"\xff\xfe"  # in no encoding that a shell uses


@pytest.mark.parametrize(
    ("command", "typed"),
    [
        (("questions", "delete", NO_TEXT), b""),
        (("admin", "password", NO_TEXT), b""),
        (("admin", "close", NO_TEXT), b""),
        (("admin", "add", "Ada", "--password-stdin"), b"several good words " + NO_TEXT),
    ],
    ids=str,
)
@pytest.mark.parametrize("locale", ["C.UTF-8", "POSIX"])
def test_what_is_given_and_is_no_text_is_one_clear_line(
    sqlite_app: Flask, locale: str, command: tuple[str | bytes, ...], typed: bytes
) -> None:
    folder = sqlite_app.config["SETTINGS"].data_dir
    environment = os.environ | {"DATA_DIR": str(folder), "DATABASE_URL": "", "LC_ALL": locale}
    finished = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *command],
        cwd=ROOT,
        env=environment,
        input=typed,
        capture_output=True,
        check=False,
    )
    assert (finished.returncode, finished.stdout) == (1, b"")
    assert finished.stderr == b"Error: what was given is not text in UTF-8\n"


@pytest.mark.parametrize(
    "command", [("match",), ("runs", "prune", "--older-than", "9"), ("questions", "export", "-")], ids=" ".join
)
def test_an_output_that_is_full_is_one_clear_line(data_dir: Path, command: tuple[str, ...]) -> None:
    app = create_app(Settings.model_validate({"data_dir": data_dir}))
    assert app.test_client().post("/questions", data={"question": TITLE}).status_code == 303
    with Path("/dev/full").open("wb") as full:
        finished = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *command],
            cwd=ROOT,
            env=os.environ | {"DATA_DIR": str(data_dir), "DATABASE_URL": ""},
            input=b"why?\n",
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert finished.returncode == 1
    assert finished.stderr.endswith(b": No space left on device\n")
    assert finished.stderr.count(b"\n") == 1


def test_what_is_kept_of_nobody_is_exported_too(sqlite_app: Flask, tmp_path: Path) -> None:
    run = runner_of(sqlite_app)
    assert run("questions", "export", tmp_path / "kept.jsonl").exit_code == 0
    assert (tmp_path / "kept.jsonl").read_text() == ""
    result = run("questions", "export", tmp_path / "no" / "folder")
    assert result.exit_code == 1
    assert result.output == f"Error: Could not open file '{tmp_path}/no/folder': No such file or directory\n"


COMMANDS = [
    ("library", "import"),
    ("library", "export", "exported"),
    ("match",),
    ("worker",),
    ("runs", "prune", "--older-than", "1"),
    ("questions", "forget"),
]


NOT_MIGRATED = "Error: the database is not migrated: run `flask --app wsgi db upgrade`"


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_database_without_tables_is_one_clear_line(tmp_path: Path, command: tuple[str, ...]) -> None:
    app = create_app(Settings.model_validate({"data_dir": tmp_path}))
    args = [str(tmp_path / arg) if arg == "exported" else arg for arg in command]
    result = app.test_cli_runner().invoke(args=args, input="why?\n")
    assert result.exit_code == 1
    assert result.output.startswith(NOT_MIGRATED)
    assert result.output.count("\n") == 1


def test_a_process_says_it_on_standard_error(tmp_path: Path) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "worker"],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(tmp_path), "DATABASE_URL": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 1
    assert finished.stdout == ""
    assert finished.stderr.startswith(NOT_MIGRATED)
    assert finished.stderr.count("\n") == 1


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_database_that_cannot_be_opened_is_one_clear_line(tmp_path: Path, command: tuple[str, ...]) -> None:
    url = f"sqlite:///{tmp_path}/no/such/folder/a.sqlite"
    app = create_app(Settings.model_validate({"data_dir": tmp_path, "database_url": url}))
    args = [str(tmp_path / arg) if arg == "exported" else arg for arg in command]
    result = app.test_cli_runner().invoke(args=args, input="why?\n")
    assert result.exit_code == 1
    assert (
        result.output
        == f"Error: the database cannot be used: unable to open database file (setting DATABASE_URL: {url})\n"
    )


@pytest.mark.parametrize("address", ["sqlite:////no/such/folder/a.sqlite", "postgresql://me:hunter2@127.0.0.1:9/x"])
@pytest.mark.parametrize("command", ["upgrade", "current"])
def test_migrating_a_database_that_cannot_be_opened_is_one_clear_line(
    tmp_path: Path, command: str, address: str
) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "db", command],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(tmp_path), "DATABASE_URL": address},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 1
    last = finished.stderr.splitlines()[-1]
    assert last.startswith("Error: the database cannot be used: ")
    assert "(setting DATABASE_URL: " in last
    assert "Traceback" not in finished.stderr
    assert "hunter2" not in finished.stderr


def no_folder(content: Path) -> None:
    content.rmdir()


def an_empty_one(_content: Path) -> None:
    pass


def only_what_is_for_authors(content: Path) -> None:
    (content / "README.md").touch()
    (content / "not-covered.txt").write_text("what is a transformer?\n")


def a_folder_in_the_place_of_an_entry(content: Path) -> None:
    (content / "why.md").mkdir()


def a_folder_in_the_place_of_what_is_not_covered(content: Path) -> None:
    (content / "why.md").touch()
    (content / "not-covered.txt").mkdir()


def a_link_to_nothing(content: Path) -> None:
    (content / "why.md").symlink_to("nothing")


@pytest.mark.parametrize(
    "fault",
    [
        no_folder,
        an_empty_one,
        only_what_is_for_authors,
        a_folder_in_the_place_of_an_entry,
        a_folder_in_the_place_of_what_is_not_covered,
        a_link_to_nothing,
    ],
)
@pytest.mark.parametrize("command", ["check", "import"])
def test_a_fault_of_the_content_folder_is_one_line_that_names_the_setting_and_changes_nothing(
    data_dir: Path, tmp_path: Path, command: str, fault: Callable[[Path], None]
) -> None:
    content = tmp_path / "content"
    content.mkdir()
    fault(content)
    app = create_app(Settings.model_validate({"data_dir": data_dir, "content_dir": content}))
    with app.app_context():
        before = phrasing_queries.state()
    result = app.test_cli_runner().invoke(args=["library", command])
    assert result.exit_code == 1
    assert result.output.startswith("Error: setting CONTENT_DIR: ")
    assert result.output.count("\n") == 1
    with app.app_context():
        assert phrasing_queries.state() == before
