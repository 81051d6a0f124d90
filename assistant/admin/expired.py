"""What becomes of a form that is sent after its session ended: it comes back with what was typed into it."""

import json
from typing import cast

from flask import current_app, make_response, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from assistant.admin import editing
from assistant.admin.blueprint import Page

NOT_TYPED = ("carried", "csrf_token", "next")  # fields of a form that are not carried through a sign-in


def pack(form: MultiDict[str, str]) -> str:
    """Return what was typed into a form, as one text that another form can carry."""
    return json.dumps([[key, value] for key, value in form.items(multi=True) if key not in NOT_TYPED])


def unpack(text: str) -> MultiDict[str, str]:
    """Return what was typed into a form that `pack` returned; nothing where it is something else."""
    try:
        return MultiDict([(str(key), str(value)) for key, value in json.loads(text)])
    except (ValueError, TypeError, RecursionError):  # brackets within brackets, thousands deep, among others
        return MultiDict()


def answer_stale_form() -> Page:
    """Give back a form that comes from an earlier session; it has to be sent once more."""
    response = make_response(show_again(request.path, pack(request.form)))
    response.status_code = 403
    return response


def show_again(path: str, typed: str) -> Page:
    """Show a form again with what was typed into it, nothing of which was stored yet."""
    try:
        endpoint, values = cast(
            tuple[str, dict[str, str]],
            current_app.url_map.bind("").match(path, "POST"),
        )
    except (HTTPException, ValueError):  # no such address, or a number of more digits than Python reads
        endpoint, values = "", {}
    if endpoint in {"admin.edit", "admin.new"}:
        return editing.show_typed(values.get("slug"), unpack(typed))
    return render_template("admin/not_changed.html")
