"""Asking, for programs."""

from flask import Blueprint, Response, current_app, jsonify, request, url_for

from assistant.errors import InvalidInputError
from assistant.matching.posts.courtesy import asks_nothing
from assistant.matching.text import readable
from assistant.questions.ask import ask
from assistant.questions.own_numbers.own_runs import to_json
from assistant.questions.understanding.lesson_figures import LESSON_FIGURES
from assistant.questions.understanding.voiced import contrary_of, voiced_belief, voiced_json
from assistant.rate_limits import asks_limit
from assistant.runs.queries import runs_of

questions = Blueprint("questions", __name__)


@questions.post("/api/questions")
@asks_limit
def api() -> tuple[Response, int]:
    """Store and match a question for a program; answer 201 with its outcome and addresses."""
    try:
        body = request.get_json(silent=True)
    except RecursionError:  # brackets within brackets, thousands deep
        body = None
    if not isinstance(body, dict) or not isinstance(body.get("question"), str):
        raise InvalidInputError('Send JSON such as {"question": "Why do neurons differ?"}.')
    follows, figure = ("" if body.get(name) is None else body[name] for name in ("follows", "figure"))
    if not isinstance(follows, str):
        raise InvalidInputError('"follows" is the address of the question that this one follows, or its last part.')
    if not isinstance(figure, str):
        raise InvalidInputError(f'"figure" is one of: {", ".join(LESSON_FIGURES)}.')
    row = ask(body["question"], follows=follows.rstrip("/").rpartition("/")[2], figure=figure)
    public = current_app.config["SETTINGS"].public_url
    shown = runs_of(row.entry, row.run) if row.entry is not None else []
    told = {
        "outcome": row.outcome,
        "entry": row.entry.slug if row.entry else None,
        "suggestions": row.suggestions,
        "parts": [
            {
                "text": part.text,
                "outcome": part.outcome,
                "entry": part.entry.slug if part.entry else None,
                "score": part.score,
                "suggestions": part.suggestions,
                "question_url": public.address(url_for("pages.question", question_id=part.id)),
                "run_url": public.address(url_for("runs.api", run_id=part.run_id)) if part.run_id else None,
            }
            for part in row.all_parts
        ],
        "question_url": public.address(url_for("pages.question", question_id=row.id)),
        "run_url": public.address(url_for("runs.api", run_id=row.run_id)) if row.run_id else None,
        "understood": to_json(row),
        "asks_nothing": row.entry is None and asks_nothing(readable(row.text)),
        "read_as_follow_up": row.is_follow_up,
        "read_with_figure": row.is_read_with_figure,
        "voiced": voiced_json(voiced_belief(row)),
        "contrary_of": contrary_of(row),
        "varied_run_url": public.address(url_for("runs.api", run_id=row.varied_run_id)) if row.varied_run_id else None,
        "runs": [
            {
                "experiment": name,
                "url": public.address(url_for("runs.api", run_id=run.id)) if run is not None else None,
                "state": run.state if run is not None else None,
            }
            for name, run in shown
        ],
    }
    return jsonify(told), 201
