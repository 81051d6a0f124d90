"""The vectors that are part of the project."""

import logging
from pathlib import Path

import numpy as np
import pytest

from assistant.matching import Corpus, digest_of
from assistant.matching.meaning.encoder import Encoder
from assistant.matching.meaning.examples import as_stored
from assistant.matching.meaning.vectors import FILE, read, write


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "vectors.npz"
    held = {digest_of(text): vector for text, vector in zip("abc", np.eye(3, dtype=np.float32), strict=True)}
    write(path, "letters", held)
    found = read(path, "letters")
    assert set(found) == set(held)
    for digest, vector in held.items():
        assert found[digest].dtype == np.float32
        np.testing.assert_array_equal(found[digest], vector)
    assert read(path, "other") == {}
    assert read(tmp_path / "none.npz", "letters") == {}


@pytest.mark.parametrize("held", [b"", b"no archive", b"PK\x03\x04 cut"])
def test_a_damaged_file_is_told_and_holds_nothing(
    held: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "vectors.npz").write_bytes(held)
    with caplog.at_level(logging.WARNING):
        assert read(tmp_path / "vectors.npz", "letters") == {}
    assert "vectors.npz is damaged" in caplog.text


def test_the_projects_vectors_are_those_of_its_texts(encoder: Encoder, corpus: Corpus) -> None:
    known = read(FILE, encoder.name)
    assert known, "run `flask --app wsgi matching vectors`: they were made with another adapter"
    texts = list(dict.fromkeys(corpus.texts))
    missing = [text for text in texts if digest_of(text) not in known]
    assert len(missing) < 0.1 * len(texts), "run `flask --app wsgi matching vectors`"
    some = [text for text in texts[::500] if text not in missing]
    computed = as_stored(encoder.encode(some))
    np.testing.assert_allclose(computed, [known[digest_of(text)] for text in some], rtol=0, atol=2e-3)
