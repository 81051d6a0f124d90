"""Headers, origins, rates, sizes, and what is told when something is missing."""

import logging
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from assistant import create_app
from tests.conftest import settings_in

pytestmark = pytest.mark.slow

PAGES = ("/", "/entries", "/entries/why-neurons-differ", "/no-such-page")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_carries_a_strict_policy(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "http" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize("path", [*PAGES[:3]])
def test_head_answers_like_get(client: FlaskClient, path: str) -> None:
    assert client.head(path).status_code == 200


def test_pages_name_no_other_host(client: FlaskClient) -> None:
    for path in PAGES[:3]:
        page = client.get(path).text
        assert 'src="http' not in page
        assert "@import" not in page


@pytest.mark.parametrize(
    "path", ["/no-such-page", "/questions/none", "/runs/none", "/entries/none", "/runs/none/figures/x.svg"]
)
def test_unknown_addresses_get_a_page_or_json_by_what_was_asked_for(client: FlaskClient, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 404
    assert "<h1>" in page.text
    told = client.get(path, headers={"Accept": "application/json"})
    assert told.status_code == 404
    assert "There is no" in told.get_json()["error"]


def test_the_api_tells_its_errors_in_json(client: FlaskClient) -> None:
    for response, status in (
        (client.get("/api/runs/none"), 404),
        (client.post("/api/questions", data="no json"), 422),
        (client.post("/api/questions", json={"question": 7}), 422),
        (client.post("/api/questions", json=["question"]), 422),
        (client.post("/api/questions", data="[" * 50_000, content_type="application/json"), 422),
        (client.get("/api/questions"), 405),
        (client.post("/api/questions", json={"question": "x" * 100_000}), 413),
    ):
        assert response.status_code == status
        assert response.get_json()["error"]


def test_one_client_in_a_loop_is_told_to_wait(data_dir: Path, caplog: pytest.LogCaptureFixture) -> None:
    client = create_app(settings_in(data_dir, asks_per_minute=3)).test_client()
    statuses = [client.post("/questions", data={"question": "why?"}).status_code for _ in range(5)]
    assert statuses == [303, 303, 303, 429, 429]
    page = client.post("/questions", data={"question": "why?"})
    assert "wait a minute" in page.text
    assert 0 < int(page.headers["Retry-After"]) <= 61  # the minute, rounded up
    assert "127.0.0.1" not in caplog.text


@pytest.mark.usefixtures("app")
def test_the_server_writes_down_nobodys_address(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("gunicorn.error")
    log.warning("Invalid request from ip=%s: it is too long", "10.0.0.7")
    log.warning("Worker timed out")
    assert caplog.messages == ["Worker timed out"]


def test_a_program_in_a_loop_is_told_to_wait_in_json(data_dir: Path) -> None:
    client = create_app(settings_in(data_dir, asks_per_minute=1)).test_client()
    assert client.post("/api/questions", json={"question": "why?"}).status_code == 201
    told = client.post("/api/questions", json={"question": "why?"})
    assert told.status_code == 429
    assert "wait a minute" in told.get_json()["error"]
    assert 0 < int(told.headers["Retry-After"]) <= 61  # the minute, rounded up


def test_a_classroom_behind_one_address_is_let_through(client: FlaskClient) -> None:
    statuses = {client.post("/questions", data={"question": "why?"}).status_code for _ in range(100)}
    assert statuses == {303}


def test_forwarded_addresses_are_believed_from_trusted_proxies_only(data_dir: Path) -> None:
    def statuses(proxies: int) -> list[int]:
        client = create_app(settings_in(data_dir, asks_per_minute=1, trusted_proxies=proxies)).test_client()
        return [
            client.post(
                "/questions", data={"question": "why?"}, headers={"X-Forwarded-For": f"10.0.0.{at}"}
            ).status_code
            for at in range(2)
        ]

    assert statuses(0) == [303, 429]
    assert statuses(1) == [303, 303]


def test_absolute_addresses_come_from_the_setting_and_never_from_the_host_header(data_dir: Path) -> None:
    client = create_app(settings_in(data_dir, public_url="https://ask.example/")).test_client()
    told = client.post("/api/questions", json={"question": "why?"}, headers={"Host": "evil.example"}).get_json()
    assert told["question_url"].startswith("https://ask.example/questions/")
    assert "evil.example" not in client.get("/entries/why-neurons-differ", headers={"Host": "evil.example"}).text
