"""What every response and every anonymous POST has to keep to."""

import re
from typing import Any

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

from assistant.errors import NotFoundError, RefusedError, in_frame
from assistant.request_body import WholeRequest

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-src 'self'; base-uri 'none'; frame-ancestors "
)
# A figure's own style sheet exchanges its colours on dark pages; it may do nothing else.
FIGURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox"


class ShortInteger(IntegerConverter):
    """A whole number in a path, of as many digits as the databases' numbers have."""

    regex = r"[0-9]{1,9}"  # those of other scripts, which Python reads too, would make more addresses of one


class UnderPrefix:
    """Takes the path of PUBLIC_URL off requests, unless a proxy has done so, and lets all links begin with it."""

    def __init__(self, app: Any, prefix: str) -> None:  # noqa: ANN401 - WSGI
        self.app, self.prefix = app, prefix

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:  # noqa: ANN401
        """Answer a request, as WSGI asks for it."""
        path = str(environ.get("PATH_INFO", ""))
        if path == self.prefix or path.startswith(f"{self.prefix}/"):
            environ["PATH_INFO"] = path.removeprefix(self.prefix) or "/"
        environ["SCRIPT_NAME"] = self.prefix
        return self.app(environ, start_response)


def register(app: Flask) -> None:
    """Protect ``app``: trusted proxies, sizes, origins and headers."""
    settings = app.config["SETTINGS"]
    app.request_class = WholeRequest
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    app.config["MAX_FORM_MEMORY_SIZE"] = 64 * 1024
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies)  # type: ignore[method-assign]
    if settings.public_url.prefix:
        app.wsgi_app = UnderPrefix(app.wsgi_app, settings.public_url.prefix)  # type: ignore[method-assign]

    app.url_map.converters["int"] = ShortInteger
    # An address with a slash at its end is the same address; the page names the one without.
    app.url_map.strict_slashes = False

    @app.before_request
    def readable_path() -> None:
        """Refuse a path that no address of this service is like, and that a database could not even look up."""
        if "\0" in request.path:
            raise NotFoundError("There is no page at this address.")

    @app.before_request
    def same_origin() -> None:
        """Refuse POSTs that another site's page sends; anonymous ones carry no cookie that a token could be tied to."""
        if request.method in {"GET", "HEAD", "OPTIONS"}:
            return
        site = request.headers.get("Sec-Fetch-Site")
        origin = request.headers.get("Origin")
        own = {settings.public_url.authority, request.host}
        if site not in {None, "same-origin", "none"} or (origin and origin.partition("://")[2] not in own):
            raise RefusedError("This form was sent from another site. Please open this page itself and ask again.")

    @app.after_request
    def own_location(response: Response) -> Response:
        """Lead on by paths alone; the router would write the Host that the request gave into its redirects.

        No view leads to another service, and so a host is taken off without reading it, which may be none at all.
        """
        location = response.headers.get("Location", "")
        if host := re.match(r"https?://[^/?#]*", location):
            response.headers["Location"] = "/" + location[host.end() :].lstrip("/")
        return response

    @app.after_request
    def headers(response: Response) -> Response:
        # Our own pages show a frame too, as the preview of what others get.
        framed_by = f"'self' {settings.embed_origins}".strip() if in_frame() else "'none'"
        response.headers.setdefault("Content-Security-Policy", POLICY + framed_by)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        return response
