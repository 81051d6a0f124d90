"""A question's own page, and what its learner says of the answer."""

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WSGIResponse

from assistant.library.addresses import successor_of
from assistant.matching.posts.courtesy import asks_nothing, thanks
from assistant.matching.posts.parts import MOST_REQUESTS
from assistant.matching.text import readable
from assistant.pages.answer import shown_of
from assistant.pages.blueprint import pages
from assistant.questions import feedback
from assistant.questions.feedback import alternatives, choose, require_question, store_verdict
from assistant.questions.own_numbers.own_runs import own_run, understood
from assistant.questions.understanding.nearest import nearest_paragraph
from assistant.questions.understanding.voiced import contrary_of, voiced_belief
from assistant.rate_limits import asks_limit
from assistant.runs.panel import panel
from assistant.runs.vary import controls, form_of
from assistant.runs.views import fragments_of


@pages.get("/questions/<question_id>")
def question(question_id: str) -> Response:
    """Show a question with its answer, its suggestions, or the word that nobody knows yet."""
    row = require_question(question_id)
    entry = row.answered_by
    shown = shown_of(entry, row.run, query=request.args, varied=own_run(row)) if entry is not None else {}
    page = render_template(
        "question.html",
        **({"entry": None, "panel": None} | shown),
        question=row,
        others=alternatives(row),
        successor=successor_of(row.withdrawn_answer),
        understood=understood(row),
        most_read=MOST_REQUESTS,
        nearest=nearest_paragraph(row),
        voiced=voiced_belief(row),
        contrary=contrary_of(row),
        asks_nothing=asks_nothing(readable(row.text)) and row.redacted_at is None,
        thanks=thanks(row.text),
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


@pages.post("/questions/<question_id>/delete")
@asks_limit
def delete_question(question_id: str) -> str:
    """Delete a question for good, where the form confirms it."""
    feedback.delete_question(question_id, request.form.get("sure", ""))
    return render_template("question_deleted.html")


@pages.post("/questions/<question_id>/numbers")
@asks_limit
def change_numbers(question_id: str) -> WSGIResponse:
    """Take a question's number or take it back, in place where a page asks for it, and else on the question's page."""
    row = feedback.change_numbers(question_id, request.form)
    if "HX-Request" not in request.headers:
        return redirect(url_for("pages.question", question_id=row.id, _anchor="own-numbers"), 303)
    run = own_run(row)
    varying = controls(row.answered_by, form=form_of(run) if run is not None else None)
    response = fragments_of(panel(row.answered_by, run or row.run), place="answer", started=True, varying=varying)
    numbers = render_template("_own_numbers_live.html", question=row, understood=understood(row))
    response.set_data(response.get_data(as_text=True) + numbers)
    return response
