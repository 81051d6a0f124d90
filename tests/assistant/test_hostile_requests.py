"""Requests that no browser sends: each gets a clear answer, none a 500, whatever the database."""

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import NotFound
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Response

from assistant.errors import PLAIN_PAGE
from tests.assistant.conftest import ENTRY

pytestmark = pytest.mark.slow

BIG = ("99999999999", "9223372036854775808", "-9223372036854775809", "1" * 5_000, "1e400", "٣")
PATHS = (
    "/runs/{}",
    "/runs/{}/panel",
    "/runs/{}/card-600.png",
    "/runs/x/figures/{}.svg",
    "/api/runs/{}/replay",
    "/runs/x/keras.py?network={}",
    "/entries/{}",
    f"/entries/{ENTRY}?rate={{}}",
    f"/entries/{ENTRY}?steps={{}}",
    "/api/entries/{}",
    "/embed/{}",
    "/embed/runs/{}",
    "/questions/{}",
    "/?q={}",
    "/suggestions?question={}",
    "/oembed?url=http://127.0.0.1:8000/runs/{}",
    "/oembed?url={}",
    "/forum?address={}&forum={}",
    "/runs/x/card-{}.png",
    "/admin/phrasings/{}/remove",
    "/admin/entries/{}/edit",
    "/static/{}",
    "/static/v-{}/style.css",
)
FORMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("/questions", ("question", "entry")),
    (f"/entries/{ENTRY}/guesses", ("guess", "run")),
    (f"/entries/{ENTRY}/variations", ("parameter-rate", "parameter-steps", "mends")),
    (f"/entries/{ENTRY}/runs", ("experiment",)),
    (f"/embed/{ENTRY}/runs", ("experiment",)),
    ("/questions/x/choice", ("entry",)),
    ("/questions/x/verdict", ("verdict",)),
    ("/admin/sign-in", ("name", "next", "carried", "csrf_token")),
)
NOT_IDNA = ("xn--", "xn--a.xn--zzz", "xn--a", "xn--99999999", "a.xn--.example:8000")
ODD = ("%00", "a%00b", "%ff%fe", "%ed%a0%80", "http://[", "//[", "%2e%2e%2f", "%0d%0aX: y", *BIG)


@pytest.fixture
def reader(either: Flask) -> FlaskClient:
    """A client of the service on either database, whose errors are answers."""
    either.testing = False
    either.config["PROPAGATE_EXCEPTIONS"] = False
    return either.test_client()


def test_odd_addresses(reader: FlaskClient) -> None:
    for path in PATHS:
        for value in ODD:
            address = path.replace("{}", value)
            with reader.get(address) as answer:
                assert answer.status_code < 500 or answer.status_code == 501, address


def test_odd_forms(reader: FlaskClient) -> None:
    for path, names in FORMS:
        for value in ODD:
            body = "&".join(f"{name}={value}" for name in names)
            answer = reader.post(path, data=body, content_type="application/x-www-form-urlencoded")
            assert answer.status_code < 500, (path, value)


def answer_to(app: Flask, path: str, headers: dict[str, str], **sent: Any) -> Response:
    """Return the answer to a request whose headers no client of the tests' own could read."""
    return Response.from_app(app, EnvironBuilder(path, headers=headers.items(), **sent).get_environ(), buffered=True)


TEXTS = ("\\u0000", "\\ud800", "\\udfff why \\ud800", "\\uffff", "\\ud800\\udc00", "why \\u0000 \\ud800 \\u0000?")


@pytest.mark.parametrize("name", ["question", "follows", "figure"])
@pytest.mark.parametrize("value", [[], {}, 0, False, 1, True, ["why"], {"why": "why"}, 0.5])
def test_what_is_no_text_is_not_taken_for_one(reader: FlaskClient, name: str, value: object) -> None:
    answer = reader.post("/api/questions", json={"question": "why do neurons differ?"} | {name: value})
    assert answer.status_code == 422, answer.text
    assert name in answer.get_json()["error"]


@pytest.mark.parametrize("text", TEXTS)
def test_odd_json(reader: FlaskClient, text: str) -> None:
    for name in ("question", "follows", "figure"):
        body = {"question": "why do neurons differ?"} | {name: "TEXT"}
        sent = json.dumps(body).replace("TEXT", text)
        answer = reader.post("/api/questions", data=sent, content_type="application/json")
        assert answer.status_code in {201, 422}, (name, text)
        assert answer.is_json
    sent = f'{{"address": "{text}", "question": "{text}", "guess": "{text}", "run": "{text}"}}'
    for path in (f"/entries/{ENTRY}/guesses", "/questions", "/suggestions"):
        assert reader.post(path, data=sent, content_type="application/json").status_code < 500


@pytest.mark.parametrize(
    "headers",
    [
        *({"Origin": origin} for origin in ("http://[", "null", "http://", "x" * 9_000, "http://\xe9", "://", "[")),
        *(
            {"Host": host}
            for host in ("a" * 64, "a" * 64 + ".example", "[", "[::1", "x:y", "a..b", "\xe9", "%00", "a/b@c", *NOT_IDNA)
        ),
        *({"X-Forwarded-For": value} for value in ("[", "x" * 9_000, ",,,")),
        *({"Accept": value} for value in ("x" * 5_000, "*/*;q=x", "application/json;q=1e999")),
        {"Accept-Encoding": "gzip;q=x"},
        {"If-None-Match": '"'},
        {"Range": "bytes=9-1"},
        {"Cookie": "askneuron_teacher=x; askneuron_known=[]"},
        {"Content-Length": "-1"},
        {"Content-Type": "multipart/form-data"},
        {"HX-Request": "true", "HX-Target": "["},
    ],
    ids=lambda headers: " ".join(f"{name} {len(value)} {value[:9]!a}" for name, value in headers.items()),
)
def test_odd_headers(sqlite_app: Flask, headers: dict[str, str]) -> None:
    sqlite_app.config["PROPAGATE_EXCEPTIONS"] = False
    for path in ("/", f"/entries/{ENTRY}", "/none", "/admin/", "/admin", "//entries"):
        answer = answer_to(sqlite_app, path, headers)
        assert answer.status_code < 500, (path, answer.status_code)
        assert answer.get_data().strip()
    sent = {"method": "POST", "data": {"question": "why?"}}
    assert answer_to(sqlite_app, "/questions", headers, **sent).status_code < 500


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "EVIL.example", "xn--evil", "user@evil.example"])
@pytest.mark.parametrize(
    "path", ["//entries", "/entries//why-neurons-differ", "//evil.example/entries", "//evil.example//", "/admin"]
)
def test_redirects_do_not_carry_the_host_of_the_request(sqlite_app: Flask, path: str, host: str) -> None:
    answer = answer_to(sqlite_app, path, {"Host": host})
    assert answer.status_code < 500
    if answer.status_code in {301, 303, 308}:
        location = answer.headers["Location"]
        assert location.startswith("/")
        assert not location.startswith("//")
        assert "evil" not in location or "evil" in path


@pytest.mark.parametrize("path", ["/entries/", f"/entries/{ENTRY}/", f"/embed/{ENTRY}/", "/forum/", "/healthz/"])
def test_a_slash_at_the_end_is_the_same_address(sqlite_app: Flask, path: str) -> None:
    client = sqlite_app.test_client()
    assert client.get(path).status_code == client.head(path).status_code == 200


def test_an_error_whose_page_cannot_be_made_is_told_all_the_same(
    sqlite_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> str:
        raise RuntimeError

    monkeypatch.setattr("assistant.errors.render_template", broken)
    answer = sqlite_app.test_client().get("/none")
    assert answer.status_code == 404
    assert answer.text == PLAIN_PAGE.format(status=404, message="There is no page at this address.")


@pytest.mark.parametrize("number", ["٣", "３", "३3", "²", "1" * 10, "-1", "+1", "1_0"])
def test_a_number_in_a_path_is_written_in_one_way(sqlite_app: Flask, number: str) -> None:
    urls = sqlite_app.url_map.bind("127.0.0.1:8000")
    assert urls.match("/admin/phrasings/3/remove", "POST")[1] == {"number": 3}
    with pytest.raises(NotFound):
        urls.match(f"/admin/phrasings/{number}/remove", "POST")
