"""Every setting: its name in the environment, its default, and a line of help. A bad value stops the start."""

import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, PlainValidator, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import URL, make_url
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import ArgumentError

from assistant.clients import read_network
from assistant.logs import Format
from assistant.public_url import PublicURL
from assistant.secret_file import read_or_make

ROOT = Path(__file__).parents[1]
DATABASE_EXAMPLE = "postgresql://askneuron@db.example.org/askneuron"
SECRET = {"DATABASE_URL", "SECRET_KEY"}  # what no message repeats
LARGEST = 1_000_000_000  # of a count
SHOWN = 100  # characters of a value that a message repeats
ORIGIN = re.compile(r"(https?|moodleappfs|capacitor|ionic)://(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:(?P<port>\d{1,5}))?")


class BadSettingError(Exception):
    """A setting that cannot be used; the message is one line and names it."""


class Settings(BaseSettings):
    """The service's settings, read from the environment."""

    # From `.env` in the checkout too, which flask's commands and honcho read by themselves, and gunicorn does not.
    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", str_strip_whitespace=True, env_ignore_empty=True, env_file=ROOT / ".env"
    )

    data_dir: Path = Field(Path("instance"), description="folder of the database and the secret key")
    database_url: str = Field("", description="SQLAlchemy address of the database; SQLite in DATA_DIR unless given")
    content_dir: Path = Field(Path("content"), description="folder of the entries' Markdown files")
    public_url: Annotated[PublicURL, NoDecode, PlainValidator(PublicURL.parse)] = Field(
        PublicURL.parse("http://127.0.0.1:8000"), description="address under which learners reach the service"
    )
    secret_key: str = Field("", description="key of signed sessions; made and kept in DATA_DIR unless given")
    trusted_proxies: Annotated[int, Field(ge=0, le=10)] = Field(
        0, description="how many proxies in front of the service set X-Forwarded-For"
    )
    keep_questions_days: Annotated[int, Field(ge=1, le=3650)] = Field(
        365, description="days after which `flask questions forget` deletes learners' questions and guesses"
    )
    asks_per_minute: Annotated[int, Field(ge=1, le=LARGEST)] = Field(
        120, description="questions and runs that one address may start in a minute; a classroom may share an address"
    )
    reads_per_minute: Annotated[int, Field(ge=1, le=LARGEST)] = Field(
        1200, description="suggestions, previews and reports that one address may ask for in a minute"
    )
    web_concurrency: Annotated[int, Field(ge=1, le=1_000)] = Field(
        1, description="web processes that share READS_PER_MINUTE out among them; gunicorn sets it to its workers"
    )
    embed_origins: str = Field(
        "", description="origins of the forums and course pages that may show frames, such as https://forum.example.org"
    )
    log_format: Format = Field("lines", description="how logs are written: lines, or json for an object in each line")
    metrics_from: str = Field(
        "",
        description="addresses and networks that may read /metrics besides this machine, such as 192.0.2.7; "
        "`0.0.0.0/0` is all of IPv4 and nothing else, `::/0` all of IPv6",
    )
    run_cost_limit: Annotated[int, Field(ge=1, le=LARGEST)] = Field(
        5_000_000, description="most network-steps of a run that a learner may start"
    )
    session_idle_minutes: Annotated[int, Field(ge=1, le=365 * 24 * 60)] = Field(
        120, description="minutes without a request after which a teacher is signed out"
    )
    session_hours: Annotated[int, Field(ge=1, le=365 * 24)] = Field(
        12, description="hours after which a teacher has to sign in again in any case"
    )

    @model_validator(mode="before")
    @classmethod
    def _blank_is_not_given(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Let a value of blanks alone be as good as none, as an empty one is."""
        return {name: value for name, value in values.items() if not isinstance(value, str) or value.strip()}

    @field_validator("data_dir", "content_dir")
    @classmethod
    def _folder(cls, value: Path) -> Path:
        """Let ``~`` be the home folder, as a shell would; systemd and `.env` keep it."""
        if "\0" in str(value):
            raise ValueError("must be a folder, whose name has no NUL")
        try:
            return value.expanduser()
        except RuntimeError:
            raise ValueError("there is no such user's home") from None

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        """Let a database be reached by the driver that is installed, whatever the address says."""
        if not value:
            return value
        try:
            url = make_url(value)
        except (ArgumentError, ValueError):  # such as a port that is none; the error repeats what may be a password
            raise ValueError(f"must be an address such as {DATABASE_EXAMPLE}") from None
        match url.get_backend_name().lower():
            case "sqlite":
                if url.database in {None, "", ":memory:"}:
                    raise ValueError("must name a file, which all processes share: sqlite:////folder/file")
                driver = "sqlite"
                try:
                    SQLiteDialect_pysqlite().create_connect_args(url.set(drivername=driver))
                except (ArgumentError, ValueError):  # such as a host, after two slashes, or a timeout that is none
                    raise ValueError("must be an address such as sqlite:////folder/file, with four slashes") from None
            case "postgresql" | "postgres":
                driver = "postgresql+psycopg"
            case _:
                raise ValueError(f"must begin with sqlite: or postgresql:, such as {DATABASE_EXAMPLE}")
        if url.port is not None and not 0 < url.port < 65_536:
            raise ValueError("must have a port between 1 and 65535")
        return url.set(drivername=driver).render_as_string(hide_password=False)

    @field_validator("embed_origins")
    @classmethod
    def _origins(cls, value: str) -> str:
        given = [origin.rstrip("/").lower() for origin in re.split(r"[\s,]+", value) if origin]
        origins = [_as_browsers_send_it(origin) for origin in given]
        for origin in origins:
            found = ORIGIN.fullmatch(origin)
            if found is None or not 0 < int(found["port"] or 1) < 65_536:
                raise ValueError(
                    f"{origin!r} is no origin: give https:// and a host (https://*.example.org for all below it), "
                    "and a port where it is not the usual one; separate several by spaces"
                )
        return " ".join(origins)

    @field_validator("metrics_from")
    @classmethod
    def _networks(cls, value: str) -> str:
        try:
            return " ".join(str(read_network(each)) for each in re.split(r"[\s,]+", value) if each)
        except ValueError as error:
            raise ValueError(f"{error}: give addresses such as 192.0.2.7, or networks such as 10.0.0.0/8") from None

    @property
    def database_address(self) -> URL:
        """The database's address, with the default filled in."""
        if self.database_url:
            return make_url(self.database_url)
        return URL.create("sqlite", database=str((self.data_dir / "askneuron.sqlite").resolve()))

    @property
    def compiled_dir(self) -> Path:
        """The folder in which workers keep the programs that XLA compiled; it may be deleted at any time."""
        return self.data_dir / "compiled"

    @property
    def where_the_database_is(self) -> str:
        """The setting that says where the database is, and its address without a password."""
        return f"setting {'DATABASE_URL' if self.database_url else 'DATA_DIR'}: {self.shown_address}"

    @property
    def shown_address(self) -> str:
        """The database's address without what stands in it of a password, also as one of its parameters."""
        address = self.database_address
        hidden = {name: "***" for name in address.query if "pass" in name.lower()}
        return address.update_query_dict(hidden).render_as_string(hide_password=True)

    def name_of_folder(self, path: Path) -> str | None:
        """Return the setting of the folder that a path is in; None where none is."""
        folders = {"CONTENT_DIR": self.content_dir, "DATA_DIR": self.data_dir}
        below = (name for name, folder in folders.items() if path.absolute().is_relative_to(folder.absolute()))
        return next(below, None)

    @property
    def engine_options(self) -> dict[str, Any]:
        """What SQLAlchemy is told of the database: how soon PostgreSQL counts as gone when it does not answer.

        Connections that the server closed are replaced before their use. No error repeats what was to be stored.
        """
        if self.database_address.get_backend_name() == "sqlite":
            return {"hide_parameters": True}
        return {
            "hide_parameters": True,
            "pool_pre_ping": True,
            "connect_args": {
                "connect_timeout": 5,
                "tcp_user_timeout": 30_000,
                "keepalives_idle": 30,
                "keepalives_interval": 10,
                "keepalives_count": 3,
            },
        }

    def secret(self) -> str:
        """Return the secret key, made at the first start and kept for its owner alone.

        Raises:
            BadSettingError: its file cannot be read or made.
        """
        path = self.data_dir / "secret-key"
        try:
            return self.secret_key or read_or_make(path)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            raise BadSettingError(f"setting DATA_DIR: the secret key {path} cannot be used: {why}") from None


def _as_browsers_send_it(origin: str) -> str:
    """Return an origin whose host may be written in any script with its host in ASCII; what is none as it is."""
    scheme, _, authority = origin.partition("://")
    host = authority.removeprefix("*.")
    if scheme not in {"http", "https"} or "/" in host or host == "*":
        return origin
    try:
        parsed = PublicURL.parse(f"{scheme}://{host}")
    except ValueError:
        return origin
    return origin if parsed.prefix else f"{scheme}://{'*.' if host != authority else ''}{parsed.authority}"


def load() -> Settings:
    """Read the settings.

    Raises:
        BadSettingError: a value cannot be used.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper()
        given = "" if name in SECRET else f", not {first['input']!r:.{SHOWN}}"
        raise BadSettingError(f"setting {name}: {first['msg']}{given}") from None
    except (OSError, UnicodeDecodeError) as error:  # of the one file that is read
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise BadSettingError(
            f"settings: the file {Settings.model_config.get('env_file')} cannot be read: {why}"
        ) from None
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadSettingError(f"setting DATA_DIR: cannot make {settings.data_dir}: {error.strerror}") from None
    if not settings.database_url and not os.access(settings.data_dir, os.W_OK):
        raise BadSettingError(f"setting DATA_DIR: nothing can be written in {settings.data_dir}")
    _write_nowhere_else(settings.data_dir)
    return settings


def _write_nowhere_else(folder: Path) -> None:
    """Let libraries write into the data folder where all else may only be read, unless the environment says where."""
    if not os.access(Path("~").expanduser(), os.W_OK):
        os.environ.setdefault("MPLCONFIGDIR", str(folder.resolve() / "matplotlib"))
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        temporary = folder.resolve() / "tmp"
        with suppress(OSError):  # The folder itself may be one to read from alone, with a database elsewhere.
            temporary.mkdir(exist_ok=True)
            tempfile.tempdir = os.environ["TMPDIR"] = str(temporary)
