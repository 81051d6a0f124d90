"""Settings: a bad value stops the start with a message that names it."""

import stat
from pathlib import Path

import pytest

from assistant import config, create_app
from tests.conftest import settings_in


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRUSTED_PROXIES", "many"),
        ("TRUSTED_PROXIES", "-1"),
        ("PUBLIC_URL", "not an address"),
        ("ASKS_PER_MINUTE", "0"),
        ("KEEP_QUESTIONS_DAYS", "0"),
        ("DATABASE_URL", "mysql://somewhere/else"),
        ("DATABASE_URL", "no address"),
        ("EMBED_ORIGINS", "forum.example"),
        ("EMBED_ORIGINS", "https://forum.example/t/1"),
        ("EMBED_ORIGINS", "https://me@forum.example"),
        ("EMBED_ORIGINS", "https://forum.example; script-src *"),
        ("EMBED_ORIGINS", "https://one.example *"),
        ("EMBED_ORIGINS", "'self'"),
    ],
)
def test_a_bad_setting_stops_the_start_and_is_named(
    name: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit, match=f"setting {name}"):
        create_app()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("", ""),
        (" https://forum.example/ ", "https://forum.example"),
        ("https://A.example:8443,http://localhost:3000\n", "https://a.example:8443 http://localhost:3000"),
        ("https://*.example.org", "https://*.example.org"),
    ],
)
def test_origins_are_kept_as_the_header_wants_them(given: str, kept: str, tmp_path: Path) -> None:
    assert settings_in(tmp_path, embed_origins=given).embed_origins == kept


def test_the_secret_key_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    first, second = settings_in(tmp_path).secret(), settings_in(tmp_path).secret()
    assert first == second
    assert len(first) >= 48
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600


def test_every_setting_has_a_line_of_help() -> None:
    assert all(field.description for field in config.Settings.model_fields.values())


def test_a_password_is_not_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "mysql://me:hunter2@somewhere/else")
    with pytest.raises(SystemExit) as stopped:
        create_app()
    assert "setting DATABASE_URL" in str(stopped.value)
    assert "hunter2" not in str(stopped.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2", "postgresql+psycopg"])
def test_postgresql_is_reached_by_the_driver_that_is_installed(scheme: str, tmp_path: Path) -> None:
    settings = settings_in(tmp_path, database_url=f"{scheme}://me:pass%40word@db.example/name")
    assert settings.database_address == "postgresql+psycopg://me:pass%40word@db.example/name"
