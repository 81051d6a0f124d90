"""Requests whose body is too long, cut short or garbled, sent to a real gunicorn: each is answered, and says so."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Response

from tests.conftest import ROOT
from tests.ports import reserved_port

pytestmark = pytest.mark.slow

FORM = "application/x-www-form-urlencoded"
# The checkout's own configuration, which waits for a second where it would wait for many.
IMPATIENT = 'exec(open("gunicorn.conf.py").read())\nPATIENCE = LEFT_PATIENCE = 1\n'


@pytest.fixture(scope="module")
def port(sqlite_with_an_entry: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a real server with one entry."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(sqlite_with_an_entry, folder / "data")
    (folder / "conf.py").write_text(IMPATIENT)
    with reserved_port() as port, (folder / "log").open("wb") as log:
        command = [sys.executable, "-m", "gunicorn", "--config", str(folder / "conf.py"), "--bind", f"127.0.0.1:{port}"]
        environment = os.environ | {"DATA_DIR": str(folder / "data"), "DATABASE_URL": "", "ASKS_PER_MINUTE": "9999"}
        process = subprocess.Popen(
            [*command, "--threads", "4", "--no-control-socket", "wsgi:app"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            end = time.monotonic() + 120
            while status_of(port, b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n") != 200:
                assert process.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < end, (folder / "log").read_text()
                time.sleep(0.1)
            yield port
            assert "Traceback" not in (folder / "log").read_text()
        finally:
            process.terminate()
            process.wait(30)


def status_of(port: int, sent: bytes, *, closing: bool = False) -> int:
    """Return the status of the first answer to what is sent, 0 where none comes."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(sent)
            if closing:
                connection.shutdown(socket.SHUT_WR)
            with connection.makefile("rb") as answer:
                found = re.match(rb"HTTP/1\.1 (\d+) ", answer.readline())
                body = answer.read()
    except ConnectionError:
        return 0
    assert found is None or body.strip()
    return int(found[1]) if found is not None else 0


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404),
        ("/entries", 405),
        ("/static/style.css", 405),
        ("/questions", 413),
        ("/api/questions", 413),
        ("/admin/nothing", 404),
        ("/admin/phrasings/{}-{}/take-back", 404),
    ],
)
@pytest.mark.parametrize("size", [70_000, 300_000, 20_000_000])
def test_who_is_still_sending_gets_the_answer_and_may_ask_again(port: int, path: str, status: int, size: int) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    kind = "application/json" if path.startswith("/api/") else FORM
    connection.putrequest("POST", path)
    connection.putheader("Content-Length", str(size))
    connection.putheader("Content-Type", kind)
    connection.endheaders()
    connection.send(b"x" * 1_000)
    time.sleep(0.2)  # in which the answer is written
    connection.send(b"x" * (size - 1_000))
    with connection.getresponse() as answer:
        assert answer.status == status
        answer.read()
    connection.request("GET", "/healthz")
    with connection.getresponse() as answer:
        assert answer.status == 200
    connection.close()


def in_chunks(size: int) -> bytes:
    return b"1000\r\n%b\r\n" % (b"x" * 4096) * (size // 4096) + b"0\r\n\r\n"


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ("Content-Length: 12\r\n", b"question=why", 303),
        ("Transfer-Encoding: chunked\r\n", b"c\r\nquestion=why\r\n0\r\n\r\n", 303),
        ("Transfer-Encoding: chunked\r\n", in_chunks(60_000), 422),
        ("Transfer-Encoding: chunked\r\n", in_chunks(64 * 1024), 422),
        ("Transfer-Encoding: chunked\r\n", in_chunks(70_000), 413),
        ("Transfer-Encoding: chunked\r\n", in_chunks(3_000_000), 413),
        ("Transfer-Encoding: chunked\r\n", b"zz\r\nabc\r\n0\r\n\r\n", 400),
        ("Transfer-Encoding: chunked\r\n", b"3\r\nabcdef\r\n0\r\n\r\n", 400),
        ("Transfer-Encoding: chunked\r\n", b"ff\r\nquestion=why", 400),
        ("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", b"0\r\n\r\n", 400),
        ("Content-Length: 500\r\n", b"question=why do neurons differ", 400),
        ("Content-Length: 99999999999999999999999\r\n", b"question=why", 413),
        ("Content-Length: -5\r\n", b"question=why", 400),
        ("Content-Length: 5, 6\r\n", b"question=why", 400),
        ("Content-Length: 5\r\nContent-Length: 6\r\n", b"question=why", 400),
        (f"X-Long: {'x' * 9_000}\r\nContent-Length: 0\r\n", b"", 431),
        ("X-Many: x\r\n" * 200, b"", 431),
    ],
)
def test_a_body_is_read_whole_or_refused(port: int, headers: str, body: bytes, status: int) -> None:
    head = f"POST /questions HTTP/1.1\r\nContent-Type: {FORM}\r\nConnection: close\r\n{headers}\r\n"
    assert status_of(port, head.encode() + body, closing=True) == status


def test_too_long_an_address_is_told(port: int) -> None:
    assert status_of(port, b"GET /?q=%b HTTP/1.1\r\nConnection: close\r\n\r\n" % (b"x" * 5_000)) == 414


@pytest.mark.parametrize(
    "sent", ["Content-Length: 500\r\n\r\nquestion=why", "Transfer-Encoding: chunked\r\n\r\n9\r\nqu"]
)
def test_nobody_waits_for_what_does_not_come(port: int, sent: str) -> None:
    assert status_of(port, f"POST /questions HTTP/1.1\r\nContent-Type: {FORM}\r\n{sent}".encode()) == 408


def test_too_many_parts_are_told(port: int) -> None:
    part = b'--B\r\nContent-Disposition: form-data; name="f"\r\n\r\na\r\n'
    body = part * 1_100 + b"--B--\r\n"
    head = b"POST /questions HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=B\r\nConnection: close\r\n"
    assert status_of(port, head + b"Content-Length: %d\r\n\r\n" % len(body) + body) == 413


@pytest.mark.parametrize("path", ["/questions", "/admin/sign-in"])
def test_half_a_form_is_not_taken_for_all_of_it(sqlite_app: Flask, path: str) -> None:
    environ = EnvironBuilder(path, method="POST", data=b"question=why&name=Ada", content_type=FORM).get_environ()
    environ["CONTENT_LENGTH"] = "500"
    environ["wsgi.input_terminated"] = True  # as gunicorn says
    answer = Response.from_app(sqlite_app, environ, buffered=True)
    assert answer.status_code == 400
    assert "ended too early" in answer.get_data(as_text=True)
