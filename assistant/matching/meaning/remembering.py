"""An encoder of questions that keeps the vectors of the last ones: one comes often as it is typed, and on its page."""

from collections.abc import Container, Mapping, Sequence
from threading import Lock

import numpy as np

from assistant.matching.meaning.examples import TextEncoder, Vectors


class RememberingEncoder:
    """Encodes no text anew that it encoded lately; for many threads."""

    def __init__(self, encoder: TextEncoder, most: int) -> None:
        self._encoder = encoder
        self._most = most
        self._kept: dict[str, Vectors] = {}  # the oldest first
        self._lock = Lock()

    @property
    def name(self) -> str:
        """The encoder's name."""
        return self._encoder.name

    @property
    def seen(self) -> Container[str]:
        """Digests of the texts that it was trained on."""
        return self._encoder.seen

    def remember(self, vectors: Mapping[str, Vectors]) -> None:
        """Keep vectors that were computed elsewhere, of texts that it does not know."""
        with self._lock:
            self._kept |= {text: vector for text, vector in vectors.items() if text not in self._kept}
            self._forget()

    def encode(self, texts: Sequence[str], /, *, threads: int = 1) -> Vectors:
        """Return (texts, width), each of length 1."""
        with self._lock:
            found = {text: self._kept[text] for text in texts if text in self._kept}
        if new := [text for text in dict.fromkeys(texts) if text not in found]:
            found |= zip(new, self._encoder.encode(new, threads=threads), strict=True)
            with self._lock:
                self._kept |= {text: found[text].copy() for text in new[-self._most :]}
                self._forget()
        return np.stack([found[text] for text in texts])

    def _forget(self) -> None:
        for oldest in list(self._kept)[: -self._most]:
            del self._kept[oldest]
