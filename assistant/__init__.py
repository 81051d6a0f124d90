"""The Flask service: learners ask, and fresh networks answer."""

import sys

from flask import Flask
from flask_migrate import Migrate

from assistant import commands, config, errors, logs, rate_limits, security, static_files
from assistant.admin.blueprint import configure as configure_admin
from assistant.admin.views import admin
from assistant.config import Settings
from assistant.database import db, prepare_sqlite
from assistant.forum.views import forum
from assistant.health import health
from assistant.library.parameters import value_text
from assistant.library.texts.markdown import kept_together, parts_of, render_line, with_opening
from assistant.metrics import metrics
from assistant.pages.views import pages
from assistant.questions.understanding.lesson_figures import LESSON_FIGURES
from assistant.questions.understanding.matcher import waits_for_fit
from assistant.questions.understanding.other_languages import language_note
from assistant.questions.views import questions
from assistant.runs.replay_views import replays
from assistant.runs.vary import query_of
from assistant.runs.views import runs

migrate = Migrate()


def create_app(settings: Settings | None = None) -> Flask:
    """Return the service with these settings, or with those of the environment.

    A bad setting stops the start with a message that names it.
    """
    try:
        settings = settings or config.load()
        secret = settings.secret()
    except config.BadSettingError as error:
        sys.exit(f"askneuron: {error}")
    app = Flask(__name__, static_url_path="/static")
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=secret,
        SQLALCHEMY_DATABASE_URI=settings.database_address,
        SQLALCHEMY_ENGINE_OPTIONS=settings.engine_options,
    )
    configure_admin(app)
    logs.configure(settings.log_format)
    db.init_app(app)
    migrate.init_app(app, db, directory="migrations", render_as_batch=True, compare_type=True)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            prepare_sqlite(db.engine)
        else:
            from assistant.postgresql import prepare_postgresql  # noqa: PLC0415 - its driver is loaded only for it

            prepare_postgresql(db.engine)
    logs.register(app)
    errors.register(app)
    security.register(app)
    rate_limits.register(app)
    static_files.register(app)
    commands.register(app)
    for blueprint in (pages, questions, runs, replays, forum, admin, health, metrics):
        app.register_blueprint(blueprint)
    app.jinja_env.filters["kept_together"] = kept_together
    app.jinja_env.globals.update(
        settings=settings,
        value_text=value_text,
        query_of=query_of,
        parts_of=parts_of,
        render_line=render_line,
        waits_for_fit=waits_for_fit,
        lesson_figures=LESSON_FIGURES,
        language_note=language_note,
        with_opening=with_opening,
    )
    return app
