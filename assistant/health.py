"""Whether the service is alive, and whether it is ready to answer."""

from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request
from sqlalchemy.exc import DBAPIError

from assistant.database import explain_error
from assistant.doctor.examination import cheap_diagnoses
from assistant.doctor.public_address import describe_arrival
from assistant.doctor.service import Seen, migration_diagnosis
from assistant.patience import patient_for
from assistant.questions.understanding import fit_queries
from assistant.questions.understanding.matcher import matcher
from assistant.runs import queries

health = Blueprint("health", __name__)
PATIENCE = 3.0  # seconds for which the database may leave a statement without an answer


@health.get("/healthz")
def alive() -> Response:
    """Say that this process answers; to the doctor, also what arrived of the request."""
    seen = describe_arrival(request)
    return _answer({"status": "ok"} | ({"arrived": seen} if seen is not None else {}), 200)


@health.get("/readyz")
def ready() -> Response:
    """Say whether questions can be answered with fresh networks, and each thing that is in the way of it."""
    try:
        with patient_for(PATIENCE):
            report = _examine()
    except DBAPIError as error:
        report = {"problems": [explain_error(error)]}
    status = "not ready" if report["problems"] else "ready"
    return _answer(report | {"status": status}, 503 if report["problems"] else 200)


def _examine() -> dict[str, Any]:
    """Look at the database, the library, the workers and this machine, and report what was found."""
    migrations = migration_diagnosis()
    if migrations.state == "failed":
        return {"problems": [migrations.sentence], "findings": [migrations.to_json()]}
    queries.probe()
    seen = Seen.now()
    findings = [migrations, *cheap_diagnoses(current_app.config["SETTINGS"], seen)]
    return {
        "problems": [each.sentence for each in findings if each.state == "failed"],
        "findings": [each.to_json() for each in findings],
        "database": "ok",
        "entries": seen.entries,
        "workers": [{"state": each.state, "heartbeat": each.heartbeat.isoformat()} for each in seen.workers],
        "waiting_seconds": round(seen.waiting.total_seconds(), 1),
        "matcher": matcher().name,
        "fit_progress": fit_queries.progress(),
    }


def _answer(values: dict[str, Any], status: int) -> Response:
    response = jsonify(values)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
