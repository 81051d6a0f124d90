"""A browser before the real service: gunicorn, one worker, and Debian's Chromium, once for all tests here."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Protocol
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from assistant import create_app
from assistant.config import Settings
from assistant.matching.meaning.encoder import EncoderUnavailableError, installed_encoder
from tests.ports import reserved_port
from tests.trained import COLD, Trained


def _unsure() -> str:
    """Return a question that gets suggestions, by the matcher that this machine has."""
    try:
        installed_encoder()
    except EncoderUnavailableError:
        return "neurons split lines"
    return "Why do the neurons of a layer do what they do?"


UNSURE = _unsure()

ROOT = Path(__file__).parents[2]
ENTRIES = tuple(sorted(path.stem for path in (ROOT / "content").glob("*.md") if path.stem != "README"))
# The headless shell draws pages alone, with no browser's window around them, for half of the CPU time.
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--site-per-process",  # frames of other sites in processes of their own, as the whole browser has them
)


@dataclass(frozen=True)
class Service:
    """The running service: its address, its data, and its worker, which a test may hold for a while."""

    address: str
    data_dir: Path
    worker: "subprocess.Popen[bytes]"

    @contextmanager
    def worker_held(self) -> Iterator[None]:
        """Hold the idle worker, so that the next run stays pending for as long as a test looks at it."""
        until(self._hold, 60, "an idle worker")
        try:
            yield
        finally:
            os.killpg(self.worker.pid, signal.SIGCONT)

    def _hold(self) -> bool:
        """Stop the worker, unless it has work to do or is just writing: then nobody else could write."""
        with closing(
            sqlite3.connect(self.data_dir / "askneuron.sqlite", timeout=0.05, isolation_level=None)
        ) as database:
            if database.execute("SELECT 1 FROM runs WHERE state IN ('waiting', 'running')").fetchone():
                return False
            os.killpg(self.worker.pid, signal.SIGSTOP)
            until(self._stopped, 5, "all threads of the worker to stop")
            try:
                database.execute("BEGIN IMMEDIATE")
                database.execute("ROLLBACK")
            except sqlite3.OperationalError:
                os.killpg(self.worker.pid, signal.SIGCONT)
                return False
            return True

    def _stopped(self) -> bool:
        """Tell whether no thread of the worker runs any more: a signal takes a moment to reach them all."""
        states = [
            (thread / "stat").read_text().rpartition(")")[2].split()[0]
            for thread in Path(f"/proc/{self.worker.pid}/task").iterdir()
        ]
        return set(states) == {"T"}


class Site(ThreadingHTTPServer):
    """A site of another origin: paths, with what they answer and the policy that they send."""

    pages: dict[str, tuple[str, str]]

    @property
    def address(self) -> str:
        return f"http://localhost:{self.server_address[1]}"


class Answering(BaseHTTPRequestHandler):
    """Answers with what the site holds."""

    def do_GET(self) -> None:
        assert isinstance(self.server, Site)
        html, policy = self.server.pages.get(self.path, ("", ""))
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        if policy:
            self.send_header("Content-Security-Policy", policy)
        self.end_headers()
        self.wfile.write(html.encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name is the library's
        """Say nothing."""


class Visit(Protocol):
    """Opens a path of the service in a context of its own; ``allowed`` is what the console may say."""

    def __call__(self, path: str = "/", *, allowed: str | None = None, **options: Any) -> Page: ...


def until(condition: Callable[[], bool], seconds: float, what: str, *, every: float = 0.05) -> None:
    """Wait for a condition outside the browser, looking at it again after ``every`` seconds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds:g} s in vain for {what}"
        time.sleep(every)


def page_says(address: str, text: str) -> bool:
    try:
        with urlopen(address, timeout=5) as response:  # noqa: S310 - the address is the tests' own server
            return text in response.read().decode()
    except (URLError, ConnectionError, TimeoutError):
        return False


def violations(page: Page) -> list[str]:
    """Return what axe-core objects to on a page, as it stands."""
    # Preloading adds style sheets of axe's own, which the pages' policy forbids.
    found = Axe().run(page, options={"preload": False, "resultTypes": ["violations"]}).response["violations"]
    return [f"{each['id']}: {node['html'][:120]}" for each in found for node in each["nodes"]]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        pytest.skip("browser tests need Chromium (on Debian: apt-get install chromium-headless-shell, or chromium)")
    expect.set_options(timeout=60_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def origin() -> Iterator[Site]:
    """A site of another origin, which the service lets show its frames."""
    with Site(("127.0.0.1", 0), Answering) as site:
        Thread(target=site.serve_forever, daemon=True).start()
        yield site
        site.shutdown()


@pytest.fixture(scope="session")
def port() -> Iterator[int]:
    """The service's port."""
    with reserved_port() as kept:
        yield kept


@pytest.fixture(scope="session")
def service(
    chromium: Browser,  # noqa: ARG001
    origin: Site,
    port: int,
    prepared: Path,
    trained: Trained,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Service]:
    """The service as `make serve` runs it, on a free port; without a browser it is not even started.

    Each entry has its first runs, as a worker stores them; the worker compiles the programs of those that a test asks.
    """
    data_dir = Path(shutil.copytree(prepared, tmp_path_factory.mktemp("browser") / "data"))
    address = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "DATA_DIR": str(data_dir),
        "PUBLIC_URL": address,
        "CONTENT_DIR": str(ROOT / "content"),
        "ASKS_PER_MINUTE": "100000",
        "EMBED_ORIGINS": origin.address,
    }
    trained.store(create_app(Settings.model_validate({"data_dir": data_dir, "content_dir": ROOT / "content"})))
    worker = [*COLD, "--app", "wsgi", "worker"]
    gunicorn = ["-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--threads", "8", "--no-control-socket", "wsgi:app"]
    with (data_dir / "web.log").open("wb") as web_log, (data_dir / "worker.log").open("wb") as worker_log:
        started = [
            subprocess.Popen(
                [sys.executable, *command], cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
            )
            for command, log in ((worker, worker_log), (gunicorn, web_log))
        ]
    try:
        stored = partial(page_says, f"{address}/entries/{ENTRIES[0]}", 'class="claims"')
        until(stored, 600, f"a stored run of {ENTRIES[0]}", every=0.5)
        yield Service(address, data_dir, started[0])
    finally:
        for process in started:
            process.terminate()
        for process in started:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture(scope="session")
def app(service: Service) -> Flask:
    """The service's code on the running service's data, to put rows there that no real run gives."""
    return create_app(Settings.model_validate({"data_dir": service.data_dir, "content_dir": ROOT / "content"}))


@pytest.fixture
def visit(chromium: Browser, service: Service) -> Iterator[Visit]:
    """Open pages, and at the end find fault with what they did: errors, violations of the policy, foreign hosts."""
    contexts, faults = [], []

    def opened(path: str = "/", *, allowed: str | None = None, **options: Any) -> Page:
        options.setdefault("viewport", {"width": 1280, "height": 800})
        context = chromium.new_context(base_url=service.address, **options)
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()

        def console(message: ConsoleMessage) -> None:
            if message.type in {"error", "warning"} and not (allowed and allowed in message.text):
                faults.append(f"{page.url} console: {message.text}")

        def request(sent: Request) -> None:
            if urlsplit(sent.url).netloc != urlsplit(service.address).netloc and not sent.url.startswith("data:"):
                faults.append(f"{page.url} asks {sent.url}")

        page.on("console", console)
        page.on("pageerror", lambda error: faults.append(f"{page.url} error: {error}"))
        page.on("request", request)
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not faults, "\n".join(faults)
