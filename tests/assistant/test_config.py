"""Settings: a bad value stops the start with a message that names it."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from assistant import config, create_app
from assistant.database import db
from tests.conftest import ROOT, settings_in

BAD_ADDRESSES = (
    "not an address",
    "ask.example",
    "ftp://ask.example",
    "https://",
    "https://ask.example?x=1",
    "https://ask.example/?",
    "https://ask.example/#top",
    "https://me@ask.example",
    "https://me:word@ask.example",
    "https://@ask.example",
    "https://ask.example:99999",
    "https://ask.example/a b",
    "https://ask.example/a//b",
    "https://ask.example/ä",
    "https://ask.example/%61",
    "http://[::1",
    f"https://{'a' * 64}.example",
    f"https://{'a.' * 130}example",
    "https://ask..example",
    "https://-ask.example",
    "https://*.example",
    "https://ask.ex\tample",
    "https://ask\N{ZERO WIDTH SPACE}.example",
    "https://ask.example:0",
)
BAD_DATABASES = (
    "mysql://somewhere/else",
    "no address",
    "sqlite:",
    "sqlite://",
    "sqlite:///:memory:",
    "postgresql://db.example:port/name",
    "postgresql://db.example:0/name",
    "postgresql://db.example:65536/name",
    "sqlite://instance/askneuron.sqlite",
    "sqlite:///askneuron.sqlite?timeout=long",
    "sqlite:///askneuron.sqlite?check_same_thread=often",
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRUSTED_PROXIES", "many"),
        ("TRUSTED_PROXIES", "-1"),
        *(("PUBLIC_URL", value) for value in BAD_ADDRESSES),
        ("ASKS_PER_MINUTE", "0"),
        ("KEEP_QUESTIONS_DAYS", "0"),
        ("TRUSTED_PROXIES", "9" * 5_000),
        *((name, "9" * 20) for name in ("ASKS_PER_MINUTE", "READS_PER_MINUTE", "RUN_COST_LIMIT", "SESSION_HOURS")),
        ("SESSION_IDLE_MINUTES", "9" * 20),
        ("DATA_DIR", "~nobody-has-this-name/x"),
        *(("DATABASE_URL", value) for value in BAD_DATABASES),
        ("EMBED_ORIGINS", "forum.example"),
        ("EMBED_ORIGINS", "https://forum.example/t/1"),
        ("EMBED_ORIGINS", "https://me@forum.example"),
        ("EMBED_ORIGINS", "https://forum.example; script-src *"),
        ("EMBED_ORIGINS", "https://one.example *"),
        ("EMBED_ORIGINS", "'self'"),
        *(
            ("EMBED_ORIGINS", value)
            for value in (
                *("https://forum.example:99999", "https://forum.example:0", "capacitor://localhost:65536", "https://*"),
                *(
                    "https://[::1]:8000",
                    "https://forum..example",
                    "https://bü\\cher.example",
                    "file://",
                    "null",
                    "app://x",
                ),
            )
        ),
        *(
            ("METRICS_FROM", value)
            for value in (
                *("prometheus.example", "192.0.2.7/24", "192.0.2.7/33", "192.0.2.7:9090", "[2001:db8::7]", "192.0.2"),
                *("fe80::1%eth0", "192.0.2.7 fe80::%eth0/64", "::ffff:10.0.0.1/104", "\N{FULLWIDTH DIGIT ONE}0.0.0.1"),
            )
        ),
    ],
)
def test_a_bad_setting_stops_the_start_and_is_named(
    name: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit, match=f"setting {name}") as stopped:
        create_app()
    assert len(str(stopped.value)) < 500
    assert str(stopped.value).isprintable()


@pytest.mark.parametrize("nothing", ["", "  ", "\t\n", "\N{NO-BREAK SPACE}"])
def test_a_setting_that_is_empty_is_not_given(nothing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in config.Settings.model_fields:
        monkeypatch.setenv(name.upper(), nothing)
    assert config.load() == config.Settings()
    assert [path.name for path in tmp_path.iterdir()] == ["instance"]


def test_a_folder_below_the_home_is_written_as_in_a_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert settings_in(tmp_path, content_dir="~/texts").content_dir == tmp_path / "texts"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("", ""),
        (" https://forum.example/ ", "https://forum.example"),
        ("https://A.example:8443,http://localhost:3000\n", "https://a.example:8443 http://localhost:3000"),
        ("https://*.example.org", "https://*.example.org"),
        (
            "https://BÜCHER.example https://*.пример.рф:8443",
            "https://xn--bcher-kva.example https://*.xn--e1afmkfd.xn--p1ai:8443",
        ),
        ("https://forum.example:443 http://forum.example:443", "https://forum.example http://forum.example:443"),
        ("moodleappfs://localhost capacitor://localhost", "moodleappfs://localhost capacitor://localhost"),
    ],
)
def test_origins_are_kept_as_the_header_wants_them(given: str, kept: str, tmp_path: Path) -> None:
    assert settings_in(tmp_path, embed_origins=given).embed_origins == kept


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (" 192.0.2.7,10.0.0.0/8\n", "192.0.2.7/32 10.0.0.0/8"),
        ("::FFFF:10.0.0.1 ::ffff:a00:0/104", "10.0.0.1/32 10.0.0.0/8"),
        ("2001:DB8:0::/64,\t::1", "2001:db8::/64 ::1/128"),
    ],
)
def test_networks_are_kept_as_addresses_are_compared(given: str, kept: str, tmp_path: Path) -> None:
    assert settings_in(tmp_path, metrics_from=given).metrics_from == kept


def test_the_secret_key_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    first, second = settings_in(tmp_path).secret(), settings_in(tmp_path).secret()
    assert first == second
    assert len(first) >= 48
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600


@pytest.mark.parametrize("left", ["", "\n", "cut short", "\0" * 64, "cut short" + "\0" * 64], ids=repr)
def test_a_secret_key_that_was_not_written_to_its_end_is_made_anew(left: str, tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_text(left)
    first = settings_in(tmp_path).secret()
    assert len(first) >= 48
    assert first.isprintable()
    assert settings_in(tmp_path).secret() == first
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]


@pytest.mark.slow
def test_processes_that_start_at_once_share_one_secret_key(tmp_path: Path) -> None:
    (tmp_path / "secret-key").touch()
    code = (
        "import sys, pathlib; from assistant.secret_file import read_or_make; "
        "print(read_or_make(pathlib.Path(sys.argv[1])))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "secret-key")]
    running = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) for _ in range(4)]
    assert len({each.communicate()[0] for each in running}) == 1
    assert {each.returncode for each in running} == {0}


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda path: path.write_bytes(b"\xff" * 60)])
def test_a_secret_key_that_cannot_be_read_names_the_setting(make: Callable[[Path], object], tmp_path: Path) -> None:
    make(tmp_path / "secret-key")
    with pytest.raises(SystemExit, match=r"setting DATA_DIR: the secret key .*secret-key cannot be used"):
        create_app(settings_in(tmp_path))


def test_a_data_folder_that_is_a_file_names_the_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    for given in ("file", "file/below"):
        monkeypatch.setenv("DATA_DIR", str(tmp_path / given))
        with pytest.raises(SystemExit, match="setting DATA_DIR: cannot make"):
            create_app()


@pytest.mark.parametrize("name", ["a?b", "a?mode=ro", "a#b", "a%20b", "a b", "ä", "file:x"])
def test_the_database_lies_in_its_folder_whatever_that_is_called(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    app = create_app(settings_in(folder))
    with app.app_context(), db.engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE here (id INTEGER)")
        connection.commit()
    assert (folder / "askneuron.sqlite").stat().st_size > 0
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_the_file_env_in_the_checkout_is_read_by_every_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not only by flask's commands and honcho, which read it by themselves; the environment comes first."""
    (tmp_path / ".env").write_text("ASKS_PER_MINUTE=7\nSESSION_HOURS=3\n")
    monkeypatch.setitem(config.Settings.model_config, "env_file", tmp_path / ".env")
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("SESSION_HOURS", "4")
    settings = config.load()
    assert (settings.asks_per_minute, settings.session_hours) == (7, 4)


def test_a_file_env_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / ".env"
    monkeypatch.setitem(config.Settings.model_config, "env_file", path)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    for held in (b"LOG_FORMAT=json\n\xff\xfe=x\n", "ASKS_PER_MINUTE=7\n".encode("utf-16"), b"A=\xe4\n"):
        path.write_bytes(held)
        with pytest.raises(
            SystemExit, match=r"^askneuron: settings: the file .*/\.env cannot be read: it is not UTF-8 text$"
        ):
            create_app()


def test_every_setting_has_a_line_of_help() -> None:
    assert all(field.description for field in config.Settings.model_fields.values())


@pytest.mark.parametrize(
    "address",
    [
        "mysql://me:hunter2@somewhere/else",
        "postgresql://me:p@ss:hunter2@somewhere/else",
        "postgresql://me:hunter2@somewhere:port/else",
        "postgresql://me:hunter2@somewhere:0/else",
        "me:hunter2",
        "sqlite://hunter2/else",
    ],
)
def test_a_password_is_not_repeated(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", address)
    with pytest.raises(SystemExit) as stopped:
        create_app()
    assert "setting DATABASE_URL" in str(stopped.value)
    assert "hunter2" not in str(stopped.value)


@pytest.mark.parametrize("address", ["postgresql://me:hunter2@h/x", "postgresql:///x?user=me&PASSWORD=hunter2&host=h"])
def test_a_password_is_not_shown_with_the_address(address: str, tmp_path: Path) -> None:
    settings = settings_in(tmp_path, database_url=address)
    assert "hunter2" in settings.database_address.render_as_string(hide_password=False)
    assert "hunter2" not in settings.where_the_database_is
    assert "h" in settings.where_the_database_is.partition(": ")[2]


@pytest.mark.parametrize("name", ["DATA_DIR", "CONTENT_DIR"])
def test_a_folder_whose_name_has_a_nul_is_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file `.env` can say so, and the environment cannot."""
    (tmp_path / ".env").write_text(f"{name}=/tmp/a\0b\n")
    monkeypatch.delenv("DATA_DIR", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(config.Settings.model_config, "env_file", tmp_path / ".env")
    with pytest.raises(SystemExit, match=f"setting {name}: .* has no NUL"):
        create_app()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2", "postgresql+other", "POSTGRESQL"])
def test_postgresql_is_reached_by_the_driver_that_is_installed(scheme: str, tmp_path: Path) -> None:
    settings = settings_in(tmp_path, database_url=f"{scheme}://me:pass%40word@db.example/name")
    address = settings.database_address.render_as_string(hide_password=False)
    assert address == "postgresql+psycopg://me:pass%40word@db.example/name"


@pytest.mark.parametrize("scheme", ["sqlite", "SQLite", "sqlite+pysqlite", "sqlite+aiosqlite", "sqlite+pysqlcipher"])
@pytest.mark.parametrize("file", ["/srv/data/x.sqlite", "/srv/a b/ä%20x.sqlite"])
def test_sqlite_is_reached_by_pythons_own_driver(scheme: str, file: str, tmp_path: Path) -> None:
    given = f"{scheme}:///{quote(file)}"
    address = settings_in(tmp_path, database_url=given).database_address
    assert (address.drivername, address.database) == ("sqlite", file)
