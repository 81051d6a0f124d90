"""How static files are sent."""

import gzip
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from assistant import create_app
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
