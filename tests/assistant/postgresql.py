"""A PostgreSQL of the tests' own: Debian's, in a temporary folder, reached by a socket in it and by no port."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

USER = "postgres"
# What is committed outlives a server that is killed, and not the machine.
OPTIONS = "-c listen_addresses='' -c fsync=off -c full_page_writes=off"


def _programs() -> Path | None:
    """Return the folder of the server's programs, which Debian keeps away from the path."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    on_path = shutil.which("initdb")
    candidates = [*folders, *([Path(on_path).parent] if on_path else [])]
    return next((folder for folder in reversed(candidates) if (folder / "initdb").exists()), None)


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL server and its databases."""

    programs: Path
    folder: Path

    def run(self, program: str, *args: str) -> None:
        """Run one of the server's programs, which refuse to be root's."""
        as_user = ["runuser", "-u", USER, "--"] if os.geteuid() == 0 else []
        log = self.folder / "programs.log"
        with log.open("a", encoding="utf-8") as file:
            done = subprocess.run(
                [*as_user, str(self.programs / program), *args], cwd=self.folder, stdout=file, stderr=file, check=False
            )
        assert done.returncode == 0, log.read_text(encoding="utf-8")

    def start(self) -> None:
        server_log = str(self.folder / "server.log")
        options = f"{OPTIONS} -k {self.folder}"
        self.run("pg_ctl", "start", "--wait", f"--pgdata={self.folder}/data", f"--log={server_log}", f"-o{options}")

    def stop(self) -> None:
        self.run("pg_ctl", "stop", "--mode=immediate", "--wait", f"--pgdata={self.folder}/data")

    def execute(self, statement: str, database: str = "postgres") -> None:
        with psycopg.connect(self.address(database), autocommit=True) as connection:
            connection.execute(statement.encode())

    def create(self, database: str, template: str = "template0") -> str:
        """Make a database, as a copy of another one that nobody is connected to, and return its address."""
        self.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        self.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        return self.address(database).replace("postgresql:", "postgresql+psycopg:")

    def disconnect(self, database: str) -> None:
        """Cut every connection to a database, as a server does that is started anew."""
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
            connection.execute(others, [database])

    def refuse(self, database: str) -> None:
        """Cut every connection to a database, and let nobody in."""
        self.execute(f'ALTER DATABASE "{database}" ALLOW_CONNECTIONS false')
        self.disconnect(database)

    def admit(self, database: str) -> None:
        """Let everybody in again."""
        self.execute(f'ALTER DATABASE "{database}" ALLOW_CONNECTIONS true')

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to every process of the server."""
        server = int((self.folder / "data" / "postmaster.pid").read_text(encoding="ascii").split()[0])
        os.kill(server, number)
        for each in Path(f"/proc/{server}/task/{server}/children").read_text(encoding="ascii").split():
            with suppress(ProcessLookupError):  # such as an autovacuum that has just ended
                os.kill(int(each), number)

    def address(self, database: str) -> str:
        return f"postgresql://{USER}@/{database}?host={self.folder}"


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server, where Debian's package is installed."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    # Not in pytest's folder, which another user than root may not enter.
    folder = Path(tempfile.mkdtemp(prefix="askneuron-postgresql-"))
    cluster = Cluster(programs, folder)
    if os.geteuid() == 0:
        shutil.chown(folder, USER, USER)
    try:
        cluster.run("initdb", f"--pgdata={folder}/data", f"--username={USER}", "--auth=trust", "--no-sync", "-Eutf8")
        cluster.start()
        yield cluster
        cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
