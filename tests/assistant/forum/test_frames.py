"""Frames for other sites: who may show them, what they hold, and training inside them."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from assistant import create_app
from assistant.database import db
from assistant.runs.tables import RunRow
from tests.assistant.forum.conftest import FORUM, PUBLIC, SLUG, TITLE
from tests.conftest import settings_in

pytestmark = pytest.mark.slow

ELSEWHERE = ("/", "/entries", f"/entries/{SLUG}", "/runs/finished", "/runs/finished/panel", "/oembed", "/nothing")


@pytest.mark.parametrize("path", [f"/embed/{SLUG}", "/embed/runs/finished"])
def test_a_frame_holds_the_answer_and_its_experiment(client: FlaskClient, run: str, path: str) -> None:
    page = client.get(path)
    assert page.status_code == client.head(path).status_code == 200
    assert TITLE in page.text
    assert "Because they do not start the same" in page.text
    assert "3 of 3 claims held" in page.text
    assert "64 of 64 networks" in page.text
    assert f"/runs/{run}/figures/one.svg" in page.text
    assert "Train 64 new networks" in page.text
    assert '<base target="_blank">' in page.text
    assert f"{PUBLIC}/entries/{SLUG}" in page.text or f"{PUBLIC}/runs/{run}" in page.text


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize("path", [f"/embed/{SLUG}", "/embed/runs/finished", "/embed/none", "/embed/runs/none"])
def test_only_the_configured_origins_may_show_frames(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["Content-Security-Policy"].endswith(f"frame-ancestors 'self' {FORUM}")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in headers
    assert "Set-Cookie" not in headers


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize("path", ELSEWHERE)
def test_everything_else_refuses_to_be_framed(client: FlaskClient, path: str) -> None:
    assert client.get(path).headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")


def test_no_origin_is_trusted_unless_it_is_set(data_dir: Path) -> None:
    policy = create_app(settings_in(data_dir)).test_client().get(f"/embed/{SLUG}").headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors 'self'")


@pytest.mark.parametrize("path", ["/embed/none", "/embed/runs/none", "/embed/runs/none/panel"])
def test_what_is_not_there_is_said_inside_the_frame(client: FlaskClient, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 404
    assert "Nothing is here" in page.text
    assert "<nav" not in page.text


@pytest.mark.usefixtures("run")
def test_new_networks_are_trained_inside_the_frame(app: Flask, client: FlaskClient) -> None:
    headers = {"Origin": PUBLIC, "Sec-Fetch-Site": "same-origin", "HX-Request": "true"}
    fragment = client.post(f"/embed/{SLUG}/runs", headers=headers)
    assert fragment.status_code == 200
    assert "Training …" in fragment.text
    (live,) = re.findall(r'hx-get="(.*?)"', fragment.text)
    assert live.startswith("/embed/runs/")
    assert 'hx-post="/embed/why-neurons-differ/runs"' in fragment.text
    again = client.get(live)
    assert again.status_code == 200
    assert re.findall(r'hx-get="(.*?)"', again.text) == [live]
    with app.app_context():
        assert db.session.query(RunRow).filter_by(state="waiting").count() == 1


@pytest.mark.usefixtures("run")
def test_without_javascript_the_new_run_is_shown_inside_the_frame(client: FlaskClient) -> None:
    assert 'action="/embed/why-neurons-differ/runs"' in client.get(f"/embed/{SLUG}").text
    response = client.post(f"/embed/{SLUG}/runs")
    assert response.status_code == 303
    assert response.headers["Location"].startswith("/embed/runs/")
    assert '<meta http-equiv="refresh"' in client.get(response.headers["Location"]).text


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": FORUM, "Sec-Fetch-Site": "cross-site"},
        {"Origin": FORUM},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_the_forums_own_pages_cannot_train(app: Flask, client: FlaskClient, headers: dict[str, str]) -> None:
    assert client.post(f"/embed/{SLUG}/runs", headers=headers).status_code == 403
    with app.app_context():
        assert db.session.query(RunRow).count() == 0


def test_a_hasty_reader_is_told_inside_the_frame(data_dir: Path) -> None:
    client = create_app(settings_in(data_dir, asks_per_minute=1, embed_origins=FORUM)).test_client()
    client.post(f"/embed/{SLUG}/runs")
    page = client.post(f"/embed/{SLUG}/runs")
    assert page.status_code == 429
    assert page.headers["Content-Security-Policy"].endswith(FORUM)
    assert f'href="/embed/{SLUG}" target="_self"' in page.text
