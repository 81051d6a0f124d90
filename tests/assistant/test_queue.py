"""The queue between the web processes and the worker."""

from pathlib import Path

from assistant import queue
from tests.conftest import settings_in


def test_what_a_web_process_rings_is_heard_by_a_worker(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    queue.Bell(queue.make(settings)).look()
    heard: list[str] = []
    huey = queue.Queue(queue.make(settings)).mended()
    queue.register(huey, lambda: heard.append("look"))
    task = huey.dequeue()
    assert task is not None
    huey.execute(task)
    assert heard == ["look"]


def test_a_queue_file_that_was_deleted_is_made_anew(tmp_path: Path) -> None:
    bell = queue.Bell(queue.make(settings_in(tmp_path)))
    bell.look()
    (tmp_path / "queue.sqlite").unlink()
    bell.look()
    assert queue.Queue(queue.make(settings_in(tmp_path))).mended().storage.queue_size() == 1
