"""What `flask doctor` says, by what it is about, and a worker that it finds alive."""

from flask import Flask

from assistant.runs import queue


def examine(app: Flask) -> tuple[int, dict[str, str]]:
    """Run the command, and return its status and its lines by what they are about."""
    told = app.test_cli_runner().invoke(args=["doctor"])
    *lines, _ = told.stdout.splitlines()  # what the web process logs meanwhile is not the command's
    found: dict[str, str] = {}
    for line in lines:
        state, name, said = line.split(maxsplit=2)
        assert name not in found, told.output
        found[name] = f"{state} {said}"
    return told.exit_code, found


def with_worker(app: Flask) -> Flask:
    with app.app_context():
        queue.record_heartbeat("here:1", "warm")
    return app
