"""What a web process does as soon as it serves, so that no page has to."""

import gc
from contextlib import suppress
from threading import Thread

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from assistant.admin.effects import ASKED
from assistant.database import reading
from assistant.questions.queries import asked_last
from assistant.questions.understanding.matcher import matcher, remember
from assistant.questions.vector_queries import vectors_by_text


def preload(app: Flask) -> Thread:
    """Prepare a web process in a thread of its own, beside the first pages that are asked for, and return it."""
    thread = Thread(target=_prepare, args=(app,), name="preloading", daemon=True)
    thread.start()
    return thread


def _prepare(app: Flask) -> None:
    """Compile all templates, some 0.8 s, make the current matcher, some 0.4 s, and match what was asked last.

    These are matched again with each draft that a teacher means to publish; their vectors are kept from here on. What
    is there then stays as long as the process: garbage collection need not look through it, which took 0.2 s each time.
    """
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)
    # Without a database that can be read nothing is made, and the page that needs it says so.
    with app.app_context(), suppress(SQLAlchemyError), reading():
        asked = asked_last(ASKED)
        remember(vectors_by_text(asked))
        matcher().match_all([row.text for row in asked])
    gc.collect()
    gc.freeze()
