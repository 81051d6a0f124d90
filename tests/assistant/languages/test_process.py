"""The one process that reads other languages: started when needed, shared, lost, and ended when idle."""

import os
import re
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from assistant.languages import process
from assistant.languages.encoder import LanguagesUnavailableError, MultilingualEncoder, is_installed
from tests.assistant.conftest import end_languages, pid_of_languages

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not is_installed(), reason="the encoder is not installed")]

QUESTION = "Warum lernen nicht alle Neuronen dasselbe?"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder whose name is longer than a socket's address may be."""
    found = tmp_path / ("long" * 40)
    found.mkdir()
    yield found
    end_languages(found)


def wait_until(condition: Callable[[], bool]) -> bool:
    until = time.monotonic() + 60
    while not condition() and time.monotonic() < until:
        time.sleep(0.05)
    return condition()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_questions_that_mean_the_same_are_near_in_any_language(multilingual: MultilingualEncoder) -> None:
    vectors = multilingual.encode([QUESTION, "Why do not all neurons learn the same?", "How do I bake bread?"])
    assert vectors.shape == (3, 512)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    same, other = vectors[0] @ vectors[1], vectors[0] @ vectors[2]
    assert same > other + 0.3


def test_many_texts_come_in_their_order(multilingual: MultilingualEncoder) -> None:
    texts = [f"{QUESTION} {number}" for number in range(130)]
    together = multilingual.encode(texts)
    np.testing.assert_allclose(
        together[[0, 64, 129]], multilingual.encode([texts[0], texts[64], texts[129]]), atol=1e-5
    )
    assert multilingual.encode([]).shape == (0, 512)


def test_a_request_that_is_none_harms_nobody(multilingual: MultilingualEncoder) -> None:
    multilingual.encode([QUESTION])
    for request in (b"no JSON", b"3", b""):
        connection = multilingual._connect()
        assert connection is not None
        with connection:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            assert connection.recv(1) == b""
    assert multilingual.encode([QUESTION]).shape == (1, 512)


def test_one_process_serves_all_is_started_anew_when_it_was_killed_and_ends_when_idle(folder: Path) -> None:
    first, second = (MultilingualEncoder(folder, patience=120, idle=2) for _ in range(2))
    first.encode([QUESTION])
    pid = pid_of_languages(folder)
    second.encode([QUESTION])
    assert pid_of_languages(folder) == pid
    os.kill(pid, signal.SIGKILL)
    assert second.encode([QUESTION]).shape == (1, 512)
    another = pid_of_languages(folder)
    assert another != pid
    assert wait_until(lambda: not is_alive(another))
    assert not (folder / process.SOCKET).exists()


def test_weights_that_are_not_the_expected_ones_are_not_loaded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Path(process.__file__).read_text(encoding="utf-8")
    altered = folder / "process.py"
    altered.write_text(re.sub(r'"weights.npz": "\w{4}', '"weights.npz": "0000', source), encoding="utf-8")
    monkeypatch.setattr(process, "__file__", str(altered))
    encoder = MultilingualEncoder(folder, patience=60)
    for _ in range(2):  # The second time it is known at once.
        with pytest.raises(LanguagesUnavailableError, match="cannot be started"):
            encoder.encode([QUESTION])
    assert not (folder / process.SOCKET).exists()


def test_it_is_started_without_waiting_for_it_while_somebody_types(folder: Path) -> None:
    encoder = MultilingualEncoder(folder, idle=2)
    assert encoder.is_there() is False
    assert wait_until(encoder.is_there)
