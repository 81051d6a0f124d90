"""What `make serve` makes of a file `.env`: nothing but port and address; the settings read it themselves."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow  # each starts make

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
PRINT = "web: env | grep -E '^(EMBED|SECRET|ASKS|DATABASE|PORT|PUBLIC|SESSION)' | sort; exit 0\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with the real tools, whose web process prints its environment and ends."""
    for folder in (".venv/bin", "requirements"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "requirements" / "dev.txt").touch()
    (tmp_path / ".venv" / ".ready").touch()
    for name in ("honcho", "dotenv", "flask"):
        (tmp_path / ".venv" / "bin" / name).symlink_to(BIN / name)
    (tmp_path / "Procfile").write_text(PRINT)
    return tmp_path


def serve(checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        ["make", "serve"],  # noqa: S607 - where it is differs
        cwd=checkout,
        env={**kept, "LC_ALL": "C.UTF-8", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def no_flask(checkout: Path) -> None:
    (checkout / ".venv" / "bin" / "flask").unlink()
    (checkout / ".venv" / "bin" / "flask").symlink_to(shutil.which("true") or "")


def seen(checkout: Path, **environment: str) -> list[str]:
    """Return what the web process saw of the settings in its environment."""
    finished = serve(checkout, **environment)
    assert finished.returncode == 0, finished.stderr
    told = [line.partition("| ")[2] for line in finished.stdout.splitlines() if "web.1" in line]
    return [line for line in told if line.partition("=")[0].isupper()]


@pytest.mark.parametrize(
    "line",
    [
        "EMBED_ORIGINS=https://a.example https://b.example",
        "SECRET_KEY=abcdefghijklmnopqrstuvwxyz#0123456789",
        "DATABASE_URL=postgresql://me:it's@db.example/x",
        "SECRET_KEY='ab\\ncd'",
        "ASKS_PER_MINUTE=7",
    ],
)
def test_no_value_is_read_in_honchos_way(checkout: Path, line: str) -> None:
    (checkout / ".env").write_text(f"{line}\n")
    no_flask(checkout)
    assert seen(checkout) == ["PORT=8000", "PUBLIC_URL=http://127.0.0.1:8000"]


def test_the_environment_comes_first(checkout: Path) -> None:
    (checkout / ".env").write_text("ASKS_PER_MINUTE=7\nPORT=8001\nPUBLIC_URL=https://file.example\n")
    no_flask(checkout)
    assert seen(checkout) == ["PORT=8001", "PUBLIC_URL=https://file.example"]
    given = {"ASKS_PER_MINUTE": "5", "PORT": "8002", "PUBLIC_URL": "https://given.example"}
    assert seen(checkout, **given) == [f"{name}={value}" for name, value in given.items()]


def test_the_public_address_has_the_port_of_the_file(checkout: Path) -> None:
    (checkout / ".env").write_text("PORT=8001 # a comment\n")
    no_flask(checkout)
    assert seen(checkout) == ["PORT=8001", "PUBLIC_URL=http://127.0.0.1:8001"]


@pytest.mark.parametrize("held", [b"# f\xfcr den Kurs\n", "A=1\n".encode("utf-16")])
def test_a_file_that_is_no_text_is_left_to_the_settings_to_tell_of(checkout: Path, held: bytes) -> None:
    (checkout / ".env").write_bytes(held)
    (checkout / "wsgi.py").write_text("raise SystemExit('askneuron: settings: it is not UTF-8 text')\n")
    finished = serve(checkout)
    assert finished.returncode != 0
    assert "askneuron: settings: it is not UTF-8 text" in finished.stderr
    assert "Traceback" not in finished.stderr
