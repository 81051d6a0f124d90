"""The home page, asking, and a question's own page."""

from flask import Blueprint, Response, current_app, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WSGIResponse

from assistant.errors import InvalidInputError, UnavailableError
from assistant.library import queries as library
from assistant.questions.ask import ask, cleaned, in_order, match, readable
from assistant.questions.feedback import by_address, others, store_verdict
from assistant.runs.panel import panel, showcase
from assistant.runs.vary import controls
from assistant.security import asks_limit, limiter

questions = Blueprint("questions", __name__)


@questions.get("/")
def home() -> Response:
    """Show the form; with ``?q=`` also what that question would be answered, without storing or training anything."""
    text = request.args.get("q", "")
    found, problem = None, None
    if text.strip():
        try:
            found = match(cleaned(text))
        except InvalidInputError as error:
            problem = str(error)
    candidates = in_order([each.slug for each in found.candidates]) if found else []
    entries = library.published()
    page = render_template(
        "home.html",
        text=readable(text),
        found=found,
        candidates=candidates,
        problem=problem,
        entries=entries,
        showcase=showcase(entries),
    )
    response = make_response(page)
    if text:
        response.headers["X-Robots-Tag"] = "noindex"
    return response


@questions.post("/questions")
@limiter.limit(asks_limit)
def create() -> WSGIResponse | tuple[str, int]:
    """Store and match a question, start its run, and lead to its page."""
    text = request.form.get("question", "")
    try:
        row = ask(text)
    except (InvalidInputError, UnavailableError) as error:
        page = render_template(
            "home.html", text=readable(text), found=None, candidates=[], problem=str(error), entries=library.published()
        )
        return page, error.status
    current_app.extensions["huey"].look()
    return redirect(url_for("questions.show", question_id=row.id), 303)


@questions.get("/questions/<question_id>")
def show(question_id: str) -> Response:
    """Show a question with its answer, its suggestions, or the word that nobody knows yet."""
    row = by_address(question_id)
    entry = row.answered_by
    shown = panel(entry, row.run) if entry else None
    page = render_template(
        "question.html", question=row, entry=entry, others=others(row), panel=shown, varying=controls(entry)
    )
    response = make_response(page)
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@questions.post("/questions/<question_id>/verdict")
@limiter.limit(asks_limit)
def judge(question_id: str) -> WSGIResponse | str:
    """Keep what the learner says of the answer, and lead back to the question's page."""
    row = store_verdict(question_id, request.form.get("verdict", ""), request.form.get("meant", ""))
    if request.headers.get("HX-Request"):
        return render_template("_feedback.html", question=row, others=others(row), swapped=True)
    return redirect(url_for("questions.show", question_id=row.id, _anchor="feedback"), 303)


@questions.get("/suggestions")
def suggestions() -> str:
    """Return the entries nearest to what is being typed, as a fragment."""
    text = request.args.get("question", "")
    try:
        candidates = match(cleaned(text)).candidates if len(text) >= 3 else ()
    except InvalidInputError:
        candidates = ()
    near = [each.slug for each in candidates if each.score > 0.1]
    return render_template("_suggestions.html", candidates=in_order(near), typed=len(text) >= 12)


@questions.post("/api/questions")
@limiter.limit(asks_limit)
def create_by_api() -> tuple[Response, int]:
    """Store and match a question for a program; answer 201 with its outcome and addresses."""
    try:
        body = request.get_json(silent=True)
    except RecursionError:  # brackets within brackets, thousands deep
        body = None
    if not isinstance(body, dict) or not isinstance(body.get("question"), str):
        raise InvalidInputError('Send JSON such as {"question": "Why do neurons differ?"}.')
    row = ask(body["question"])
    current_app.extensions["huey"].look()
    public = current_app.config["SETTINGS"].public_url
    told = {
        "outcome": row.outcome,
        "entry": row.entry.slug if row.entry else None,
        "suggestions": row.suggestions,
        "question_url": public + url_for("questions.show", question_id=row.id),
        "run_url": public + url_for("runs.api", run_id=row.run_id) if row.run_id else None,
    }
    return jsonify(told), 201
