"""The player in a real browser, on pages that hold nothing else, with the service's own headers."""

import json
from collections.abc import Iterator
from threading import Thread
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Response, request
from playwright.sync_api import Browser, Page
from werkzeug.serving import WSGIRequestHandler, make_server

from assistant import create_app
from models.datasets import blobs
from tests.browser.replays import BLOBS, Recorded, Show, Stage, recorded
from tests.conftest import settings_in

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Replay</title>
<link rel="icon" href="/static/icon.svg">
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/static/style.css">
<script type="module" src="/static/replay/player.js"></script></head>
<body><main><h1>A run</h1><div class="replay"><replay-player src="/replays/{name}" {attributes}>
<p>Today's figure</p></replay-player></div><p>After the replay</p></main></body></html>"""


class Quiet(WSGIRequestHandler):
    """Writes no log."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - its name is the library's
        """Say nothing."""


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The service, with pages for the tests that hold nothing but the player."""
    app = create_app(settings_in(tmp_path_factory.mktemp("replay")))
    found = Stage("")

    @app.get("/replays/<name>")
    def test_replay(name: str) -> Response:
        sent = found.replays[name]
        if isinstance(sent, int):
            return Response("gone", sent)
        body = sent if isinstance(sent, str) else json.dumps(sent)
        cors = {"Access-Control-Allow-Origin": "*"}
        return Response(body, mimetype="application/json", headers=cors)

    @app.get("/test-pages/<name>")
    def test_page(name: str) -> str:
        return PAGE.format(name=name, attributes=request.args.get("attributes", ""))

    @app.get("/test-frames/<name>")
    def test_frame(name: str) -> Response:
        frame = f'<iframe sandbox="allow-scripts" src="/test-pages/{name}" width="690" height="520"></iframe>'
        return Response(frame, headers={"Content-Security-Policy": "default-src 'self'"})

    @app.after_request
    def framed(response: Response) -> Response:
        policy = response.headers["Content-Security-Policy"]
        response.headers["Content-Security-Policy"] = policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
        return response

    # What is registered last runs first; the policy is there only after the service's own functions.
    functions = app.after_request_funcs[None]
    functions.insert(0, functions.pop())
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    found.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    thread.join()


@pytest.fixture(scope="session")
def split() -> Recorded:
    """The blobs networks of the experiment, a few."""
    return recorded(BLOBS, blobs.load(), networks=12, steps=800, batch_size=32)


@pytest.fixture
def show(chromium: Browser, stage: Stage) -> Iterator[Show]:
    """Show a replay; what the console says, but for failed requests, is a fault."""
    contexts, faults = [], []

    def shown(
        sent: Any,
        *,
        attributes: str = "",
        fragment: str = "",
        path: str = "test-pages",
        allowed: str = "status of",
        **options: Any,
    ) -> Page:
        stage.replays["it"] = sent
        options.setdefault("viewport", {"width": 700, "height": 800})
        options.setdefault("reduced_motion", "reduce")
        context = chromium.new_context(base_url=stage.address, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda message: (
                faults.append(message.text)
                if message.type in {"error", "warning"} and allowed not in message.text
                else None
            ),
        )
        page.goto(f"/{path}/it?{urlencode({'attributes': attributes})}{fragment}")
        return page

    yield shown
    for context in contexts:
        context.close()
    assert not faults, "\n".join(faults)
