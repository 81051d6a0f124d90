"""What every response and every anonymous POST has to keep to."""

import logging
from math import ceil
from time import time
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from werkzeug.middleware.proxy_fix import ProxyFix

from assistant.errors import RefusedError, in_frame

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-src 'self'; base-uri 'none'; frame-ancestors "
)
# A figure's own style sheet exchanges its colours on dark pages; it may do nothing else.
FIGURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox"

limiter = Limiter(get_remote_address, storage_uri="memory://", headers_enabled=False)


def asks_limit() -> str:
    """Return the limit of questions and runs from one address."""
    return f"{current_app.config['SETTINGS'].asks_per_minute} per minute"


def _impersonal(record: logging.LogRecord) -> bool:
    """Keep what would write down from which address a request came out of the logs."""
    message = record.getMessage()
    return "from ip=" not in message and not message.startswith("ratelimit ")


def register(app: Flask) -> None:
    """Protect ``app``: trusted proxies, sizes, origins, rates and headers."""
    settings = app.config["SETTINGS"]
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    app.config["MAX_FORM_MEMORY_SIZE"] = 64 * 1024
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies)  # type: ignore[method-assign]
    limiter.init_app(app)
    for name in ("flask-limiter", "gunicorn.error"):
        logging.getLogger(name).addFilter(_impersonal)

    @app.before_request
    def same_origin() -> None:
        """Refuse POSTs that another site's page sends; anonymous ones carry no cookie that a token could be tied to."""
        if request.method in {"GET", "HEAD", "OPTIONS"}:
            return
        site = request.headers.get("Sec-Fetch-Site")
        origin = request.headers.get("Origin")
        own = {urlsplit(settings.public_url).netloc, request.host}
        if site not in {None, "same-origin", "none"} or (origin and urlsplit(origin).netloc not in own):
            raise RefusedError("This form was sent from another site. Please open this page itself and ask again.")

    @app.after_request
    def headers(response: Response) -> Response:
        # Our own pages show a frame too, as the preview of what others get.
        framed_by = f"'self' {settings.embed_origins}".strip() if in_frame() else "'none'"
        response.headers.setdefault("Content-Security-Policy", POLICY + framed_by)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if response.status_code == 429 and limiter.current_limit is not None:
            wait = limiter.current_limit.reset_at - time()
            response.headers.setdefault("Retry-After", str(max(1, ceil(wait))))
        return response
