"""A question's own page, and what its learner says of the answer."""

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WSGIResponse

from assistant.pages.answer import shown_of
from assistant.pages.blueprint import pages
from assistant.questions.feedback import alternatives, choose, require_question, store_verdict
from assistant.rate_limits import asks_limit


@pages.get("/questions/<question_id>")
def question(question_id: str) -> Response:
    """Show a question with its answer, its suggestions, or the word that nobody knows yet."""
    row = require_question(question_id)
    entry = row.answered_by
    shown = shown_of(entry, row.run, query=request.args) if entry is not None else {}
    page = render_template(
        "question.html", **({"entry": None, "panel": None} | shown), question=row, others=alternatives(row)
    )
    response = make_response(page)
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@pages.post("/questions/<question_id>/choice")
@asks_limit
def choose_answer(question_id: str) -> WSGIResponse:
    """Let one of the suggested entries answer the question, train for it, and lead back to the question's page."""
    row = choose(question_id, request.form.get("entry", ""))
    return redirect(url_for("pages.question", question_id=row.id), 303)


@pages.post("/questions/<question_id>/verdict")
@asks_limit
def judge_answer(question_id: str) -> WSGIResponse | str:
    """Keep what the learner says of the answer, and lead back to the question's page."""
    row = store_verdict(question_id, request.form.get("verdict", ""))
    if request.headers.get("HX-Request"):
        return render_template("_feedback_swapped.html", question=row, others=alternatives(row))
    return redirect(url_for("pages.question", question_id=row.id, _anchor="feedback"), 303)
