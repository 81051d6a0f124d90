"""docs/deploy.md: all settings with their defaults, and commands that exist."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from flask import Flask
from flask.cli import FlaskGroup

from assistant.config import Settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
LINES = [line for language, text in BLOCKS if language == "sh" for line in text.splitlines()]
FLASK = sorted({line for line in LINES if line.startswith(".venv/bin/flask")})
PROCFILE = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text(encoding="utf-8").splitlines())
UNITS = [text for language, text in BLOCKS if language == "ini"]


def test_the_table_holds_every_setting_with_its_default_and_meaning() -> None:
    table = re.findall(r"^\| `([A-Z_]+)` \| (?:`(.*?)`|none) \| (.*) \|$", PAGE, re.MULTILINE)
    fields = Settings.model_fields.items()
    assert table == [(name.upper(), str(field.default), field.description) for name, field in fields]


def test_the_page_has_commands_to_test() -> None:
    assert len(FLASK) == 10
    assert len(UNITS) == 2


@pytest.mark.parametrize("line", FLASK)
def test_each_flask_command_exists_and_takes_these_arguments(app: Flask, line: str) -> None:
    _, _, _, *args = shlex.split(line)
    group: click.Command = FlaskGroup(create_app=lambda: app)
    context = click.Context(group, obj=None)
    while isinstance(group, click.Group):
        name = args.pop(0)
        command = app.cli.commands.get(name) if isinstance(group, FlaskGroup) else None
        found = command or group.get_command(context, name)
        assert found is not None, name
        group = found
    if name == "restore":
        args = [__file__]  # a file that is there
    group.make_context(name, args)  # complains of what it does not take


def test_the_container_is_built_and_started_with_the_commands_of_the_page() -> None:
    text = (ROOT / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    (install,) = re.findall(r"^RUN (python3 .*)$", text, re.MULTILINE)
    built = [" ".join(each.split()) for each in install.replace(" --no-cache-dir", "").split("&&")]
    set_up = re.findall(r"^(?:python3|\.venv/bin/python) .*$", PAGE, re.MULTILINE)[:3]
    assert built == set_up
    assert set_up[2].split()[-1] in (ROOT / "Makefile").read_text(encoding="utf-8")
    (command,) = re.findall(r"^CMD (.*)$", text, re.MULTILINE)
    (web,) = [
        re.findall(r"^ExecStart=/srv/askneuron/(.*)$", unit, re.MULTILINE)[0] for unit in UNITS if "gunicorn" in unit
    ]
    assert json.loads(command) == shlex.split(web.replace("127.0.0.1", "0.0.0.0"))  # noqa: S104 - inside of the container
    (environment,) = re.findall(r"^ENV DATA_DIR=\S+ (.*)$", text, re.MULTILINE)
    assert environment.split() == re.findall(r"^Environment=(.*)$", PAGE, re.MULTILINE)
    folders = re.findall(r"^(?:WORKDIR|VOLUME) (.*)$", text, re.MULTILINE)
    assert [folder in PAGE for folder in folders] == [True, True]
    started = [line for line in LINES if line.startswith("podman run")]
    assert len(started) == 4
    for line in started:
        own = line.partition(" askneuron ")[2]
        assert not own or own in FLASK or own.endswith("wsgi worker"), line


@pytest.mark.parametrize("text", UNITS)
def test_units_start_the_processes_of_the_procfile(text: str) -> None:
    command = re.findall(r"^ExecStart=/srv/askneuron/\.venv/bin/(.*)$", text, re.MULTILINE)
    (kind,) = re.findall(r"askneuron-(\w+)\.service", text)
    without_loop = re.sub(r"^trap exit TERM; until (.*); do sleep 1; done$", r"\1", PROCFILE[kind])
    environment, _, started = without_loop.replace("${PORT:-8000}", "8000").replace(" exec ", " ").partition(" ")
    assert command == [started]
    assert re.findall(r"^Environment=(.*)$", text, re.MULTILINE) == [environment]


def test_a_worker_of_the_procfile_leaves_the_file_env_to_the_settings(tmp_path: Path) -> None:
    """Flask's own reading of one that is not UTF-8 ends in a trace, each time that the worker is started anew."""
    (tmp_path / ".env").write_bytes("TITLE=Übung".encode("latin-1"))
    (command,) = re.findall(r"until (.*); do sleep", PROCFILE["worker"])
    own = {"DATA_DIR": str(tmp_path / "data"), "PYTHONPATH": str(ROOT)}
    environment = os.environ | own | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    finished = subprocess.run(
        ["/bin/sh", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert finished.stderr == "Error: the database is not migrated: run `flask --app wsgi db upgrade`\n"


def test_the_procfile_starts_a_worker_anew_that_ends_with_a_fault_and_stops_one_that_does_not(tmp_path: Path) -> None:
    stub = tmp_path / "flask"  # fails at first, and then works until it is told to stop
    stub.write_text(
        "#!/bin/sh\necho started\n[ -e again ] || { touch again; exit 1; }\ntrap 'exit 0' TERM\nsleep 60 & wait\n"
    )
    stub.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    process = subprocess.Popen(
        ["/bin/sh", "-c", PROCFILE["worker"]],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert [process.stdout.readline(), process.stdout.readline()] == ["started\n", "started\n"]
    time.sleep(0.3)  # the trap is set
    os.killpg(process.pid, signal.SIGTERM)  # as honcho does
    assert process.wait(30) == 0
    assert process.stdout.read() == ""
    process.stdout.close()


@pytest.mark.parametrize("text", UNITS)
def test_units_are_valid(text: str, tmp_path: Path) -> None:
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("systemd-analyze is not installed")
    (name,) = re.findall(r"(askneuron-\w+\.service)", text)
    unit = tmp_path / name
    unit.write_text(text.replace("/srv/askneuron", str(ROOT)), encoding="utf-8")
    finished = subprocess.run([tool, "verify", str(unit)], capture_output=True, text=True, check=False)
    told = [line for line in finished.stderr.splitlines() if name in line or "Unknown key" in line]
    assert (finished.returncode, told) == (0, [])
