"""How static files are sent."""

import gzip
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from assistant import create_app
from assistant.static_files import version
from tests.conftest import ROOT, settings_in

PLAYER = sorted((ROOT / "assistant/static/replay").iterdir())
LARGEST_PLAYER = 60_000  # bytes as sent, in all


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    """A browser; static files need no library."""
    return create_app(settings_in(tmp_path)).test_client()


def test_the_whole_player_is_small(client: FlaskClient) -> None:
    sent = 0
    for path in PLAYER:
        with client.get(f"/static/replay/{path.name}", headers={"Accept-Encoding": "gzip"}) as response:
            assert gzip.decompress(response.data) == path.read_bytes()
            sent += len(response.data)
    assert sent <= LARGEST_PLAYER


def test_frames_of_any_origin_may_load_the_player_and_nothing_else(client: FlaskClient) -> None:
    for name, allowed in (("replay/player.js", "*"), ("replay/replay.css", "*"), ("page.js", None), ("icon.svg", None)):
        with client.get(f"/static/{name}") as response:
            assert response.headers.get("Access-Control-Allow-Origin") == allowed


@pytest.mark.parametrize("name", ["replay/player.js", "style.css"])
def test_text_is_compressed_only_for_those_who_can_read_it(client: FlaskClient, name: str) -> None:
    text = (ROOT / "assistant/static" / name).read_bytes()
    with client.get(f"/static/{name}", headers={"Accept-Encoding": "br, gzip"}) as packed:
        assert packed.headers["Content-Encoding"] == "gzip"
        assert int(packed.headers["Content-Length"]) < len(text) / 2
    with client.get(f"/static/{name}", headers={"Accept-Encoding": "identity"}) as plain:
        assert "Content-Encoding" not in plain.headers
        assert plain.data == text
    for response in (packed, plain):
        assert "Accept-Encoding" in response.headers["Vary"]
        with client.get(f"/static/{name}", headers={"If-None-Match": response.headers["ETag"]}) as again:
            assert again.status_code == 304


def test_pictures_are_sent_as_they_are(client: FlaskClient) -> None:
    with client.get("/static/card-240.png", headers={"Accept-Encoding": "gzip"}) as response:
        assert "Content-Encoding" not in response.headers


def test_a_page_names_files_that_a_browser_never_asks_for_twice(client: FlaskClient) -> None:
    with client.application.test_request_context():
        address = client.application.jinja_env.globals["asset"](filename="replay/player.js")  # type: ignore[operator]
    with client.get(address) as kept, client.get("/static/replay/player.js") as plain:
        assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert kept.headers["Access-Control-Allow-Origin"] == "*"
        assert kept.data == plain.data
        assert plain.headers["Cache-Control"] == "no-cache"
    with client.get("/static/v-of-yesterday/replay/player.js") as other:  # by a page of another release
        assert other.data == plain.data
        assert other.headers["Cache-Control"] == "no-cache"
    assert client.get("/static/v-of-yesterday/replay/nothing.js").status_code == 404


def test_the_version_changes_with_every_file(tmp_path: Path) -> None:
    (tmp_path / "replay").mkdir()
    (tmp_path / "replay" / "one.js").write_text("1")
    first = version(tmp_path)
    (tmp_path / "replay" / "one.js").write_text("2")
    second = version(tmp_path)
    (tmp_path / "replay" / "one.js").rename(tmp_path / "one.js")
    assert len({first, second, version(tmp_path)}) == 3
