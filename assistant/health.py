"""Whether the service is alive, and whether it is ready to answer."""

from typing import Any

from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import DBAPIError

from assistant.database import db, explain_error, migration_problem, reading
from assistant.library.queries import published_entries
from assistant.questions import fit_queries
from assistant.questions.matcher import matcher
from assistant.runs import queries, queue
from assistant.runs.tables import STALLED

health = Blueprint("health", __name__)
PATIENCE = 60  # seconds that a run may wait


@health.get("/healthz")
def alive() -> Response:
    """Say that this process answers."""
    return _answer({"status": "ok"}, 200)


@health.get("/readyz")
def ready() -> Response:
    """Say whether questions can be answered with fresh networks, and each thing that is in the way of it."""
    try:
        report = _examine()
    except DBAPIError as error:
        report = {"problems": [explain_error(error)]}
    status = "not ready" if report["problems"] else "ready"
    return _answer(report | {"status": status}, 503 if report["problems"] else 200)


def _examine() -> dict[str, Any]:
    """Look at the database, the library and the workers, and report what was found."""
    with reading():
        problem = migration_problem(db.session.connection())
    if problem is not None:
        return {"problems": [problem]}
    queries.probe()
    problems = []
    entries, workers, waits = len(published_entries()), queue.live_workers(), queries.waiting_since().total_seconds()
    if not entries:
        problems.append("the library is empty: run `flask --app wsgi library import`")
    if not workers:
        problems.append("no worker is alive: run `flask --app wsgi worker`")
    elif all(each.state == STALLED for each in workers):
        problems.append("the worker takes no runs: its log says why")
    elif waits > PATIENCE:
        problems.append(f"a run has waited for {waits:.0f} s")
    return {
        "problems": problems,
        "database": "ok",
        "entries": entries,
        "workers": [{"state": each.state, "heartbeat": each.heartbeat.isoformat()} for each in workers],
        "waiting_seconds": round(waits, 1),
        "matcher": matcher().name,
        "fit_progress": fit_queries.progress(),
    }


def _answer(values: dict[str, Any], status: int) -> Response:
    response = jsonify(values)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
