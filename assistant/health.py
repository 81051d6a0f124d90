"""Whether the service is alive, and whether it is ready to answer."""

from typing import Any

from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import DBAPIError

from assistant.database import behind, db, explained, reading
from assistant.library.queries import published
from assistant.questions.ask import matcher
from assistant.runs import queries, worker_queries

health = Blueprint("health", __name__)
PATIENCE = 60  # seconds that a run may wait


@health.get("/healthz")
def alive() -> Response:
    """Say that this process answers."""
    return _told({"status": "ok"}, 200)


@health.get("/readyz")
def ready() -> Response:
    """Say whether questions can be answered with fresh networks, and each thing that is in the way of it."""
    told: dict[str, Any] = {"problems": []}
    try:
        told |= _looked_at()
    except DBAPIError as error:
        told["problems"].append(explained(error))
    told["status"] = "not ready" if told["problems"] else "ready"
    return _told(told, 503 if told["problems"] else 200)


@health.errorhandler(DBAPIError)
def unusable(error: DBAPIError) -> Response:
    """Say why the database cannot even be opened."""
    return _told({"problems": [explained(error)], "status": "not ready"}, 503)


def _looked_at() -> dict[str, Any]:
    """Look at the database, the library and the workers."""
    with reading():
        problem = behind(db.session.connection())
    if problem is not None:
        return {"problems": [problem]}
    queries.probe()
    problems = []
    entries, workers, waits = len(published()), worker_queries.workers(), queries.waiting_since().total_seconds()
    if not entries:
        problems.append("the library is empty: run `flask --app wsgi library import`")
    if not workers:
        problems.append("no worker is alive: run `flask --app wsgi worker`")
    elif waits > PATIENCE:
        problems.append(f"a run has waited for {waits:.0f} s")
    return {
        "problems": problems,
        "database": "ok",
        "entries": entries,
        "workers": [{"state": each.state, "heartbeat": each.heartbeat.isoformat()} for each in workers],
        "waiting_seconds": round(waits, 1),
        "matcher": matcher().name,
    }


def _told(values: dict[str, Any], status: int) -> Response:
    response = jsonify(values)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
