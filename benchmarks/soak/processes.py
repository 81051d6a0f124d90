"""The web and worker of a soak as an operator starts them, on a data folder of their own."""

import os
import secrets
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from benchmarks.service import BIN, ROOT, free_port

TEACHER, PASSWORD = "Ada", secrets.token_hex(12)
MEGABYTE = 1024.0  # of the kilobytes of /proc


@dataclass
class Part:
    """One of the two commands: its process, if it runs, and since when it runs or not."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    since: float = field(default_factory=monotonic)
    ending: bool = False  # from the signal to its end

    def start(self) -> None:
        """Start it."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        self.since = monotonic()

    def end(self, number: signal.Signals) -> None:
        """Tell it to stop and wait for that, or kill it with all its processes."""
        assert self.process is not None
        self.ending = True
        if number == signal.SIGKILL:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)
        self.process.wait(60)
        self.process, self.since, self.ending = None, monotonic(), False

    def kill_child(self) -> bool:
        """Kill one of its child processes; return False where there is none."""
        found = children(self.process.pid) if self.process is not None else []
        if found:
            os.kill(secrets.choice(found), signal.SIGKILL)
        return bool(found)

    @property
    def ended_by_itself(self) -> bool:
        """Whether it should run and does not, and nobody ended it meanwhile."""
        process = self.process
        return process is not None and process.poll() is not None and not self.ending and self.process is process

    @property
    def seconds_up(self) -> float:
        """How long it has been running; 0 where it is not, or is just being ended."""
        return monotonic() - self.since if self.process is not None and not self.ending else 0.0

    @property
    def seconds_down(self) -> float:
        """How long it has not been running; 0 where it is."""
        return monotonic() - self.since if self.process is None else 0.0


class Service:
    """The web and the worker, on a fresh data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, port = folder, free_port()
        self.address = f"http://127.0.0.1:{port}"
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        environment |= {"DATA_DIR": str(folder), "PUBLIC_URL": self.address, "ASKS_PER_MINUTE": "100000"}
        flask = [str(BIN / "flask"), "--app", "wsgi"]
        account = ["admin", "add", TEACHER, "--role", "owner", "--password-stdin"]
        for command in (["db", "upgrade"], ["library", "import"], account):
            subprocess.run(
                [*flask, *command], cwd=ROOT, env=environment, input=PASSWORD.encode(), check=True, capture_output=True
            )
        gunicorn = [str(BIN / "gunicorn"), "--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "8"]
        gunicorn += ["--graceful-timeout", "3", "--no-control-socket", "wsgi:app"]
        self.web = Part("web", gunicorn, environment | {"MALLOC_ARENA_MAX": "2"}, folder / "web.log")
        self.worker = Part("worker", [*flask, "worker"], environment, folder / "worker.log")
        self.parts = (self.web, self.worker)

    def stop(self) -> None:
        """End what still runs."""
        for part in self.parts:
            if part.process is not None:
                part.end(signal.SIGTERM if part.process.poll() is None else signal.SIGKILL)

    def memory(self) -> dict[str, float]:
        """Return the resident megabytes of the larger web process, and of the worker without what draws for it."""
        assert self.web.process is not None
        assert self.worker.process is not None
        web = [resident(each) for each in children(self.web.process.pid)]
        return {"web process": max(web, default=0.0), "worker": resident(self.worker.process.pid)}


def children(pid: int) -> list[int]:
    """Return the numbers of a process's children."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        found = [(task / "children").read_text(encoding="ascii").split() for task in tasks]
    except OSError:  # it has just ended
        return []
    return [int(child) for each in found for child in each]


def resident(pid: int) -> float:
    """Return the resident megabytes of a process; 0 where it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    (line,) = [each for each in status.splitlines() if each.startswith("VmRSS:")] or ["VmRSS: 0 kB"]
    return int(line.split()[1]) / MEGABYTE


if sys.platform != "linux":
    raise SystemExit("the soak reads memory from /proc: it runs on Linux alone")
