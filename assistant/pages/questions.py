"""A question's own page, and what its learner says of the answer."""

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WSGIResponse

from assistant.pages.blueprint import pages
from assistant.questions.feedback import by_address, others, store_verdict
from assistant.runs.panel import further, panel
from assistant.runs.vary import controls
from assistant.security import asks_limit, limiter


@pages.get("/questions/<question_id>")
def question(question_id: str) -> Response:
    """Show a question with its answer, its suggestions, or the word that nobody knows yet."""
    row = by_address(question_id)
    entry = row.answered_by
    shown = panel(entry, row.run) if entry else None
    page = render_template(
        "question.html",
        question=row,
        entry=entry,
        others=others(row),
        panel=shown,
        varying=controls(entry),
        further=further(entry),
    )
    response = make_response(page)
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@pages.post("/questions/<question_id>/verdict")
@limiter.limit(asks_limit)
def judge_answer(question_id: str) -> WSGIResponse | str:
    """Keep what the learner says of the answer, and lead back to the question's page."""
    row = store_verdict(question_id, request.form.get("verdict", ""), request.form.get("meant", ""))
    if request.headers.get("HX-Request"):
        return render_template("_feedback.html", question=row, others=others(row), swapped=True)
    return redirect(url_for("pages.question", question_id=row.id, _anchor="feedback"), 303)
