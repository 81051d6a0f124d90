"""The service's entry point: ``gunicorn wsgi:app`` and ``flask --app wsgi``."""

from assistant import create_app

app = create_app()
