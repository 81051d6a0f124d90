"""The library's texts as vectors, and what each belongs to."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from assistant.matching import Corpus, digest_of

Vectors = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class TextEncoder(Protocol):
    """What turns texts into vectors."""

    @property
    def name(self) -> str:
        """The encoder's name; vectors of different encoders do not mix."""
        ...

    @property
    def seen(self) -> Container[str]:
        """Digests of the texts that it was trained on."""
        ...

    def encode(self, texts: Sequence[str], /, *, threads: int = 1) -> Vectors:
        """Return (texts, width), each of length 1; ``threads`` share the work."""
        ...


@dataclass(frozen=True)
class Examples:
    """Vectors of unit length, and what each belongs to: the number of an entry, or how many entries there are.

    They stand in the order of what they belong to.
    """

    slugs: tuple[str, ...]
    phrasings: Vectors  # (phrasings, width); those that are not covered too
    owners: Numbers  # (phrasings,), 0..entries
    passages: Vectors  # (passages, width)
    passage_owners: Numbers  # (passages,), 0..entries - 1

    @property
    def entries(self) -> int:
        """How many entries there are; also the number of "not covered"."""
        return len(self.slugs)

    def only(self, kept: Mask) -> Self:
        """Return the examples with fewer phrasings."""
        return replace(self, phrasings=self.phrasings[kept], owners=self.owners[kept])


def encode_corpus(
    corpus: Corpus,
    encoder: TextEncoder,
    known: Mapping[str, Vectors],
) -> tuple[Examples, tuple[str, ...]]:
    """Return the vectors of all texts and the digests of the texts; vectors that are ``known`` are not computed."""
    topics = corpus.topics
    phrasings = [(text, at) for at, topic in enumerate(topics) for text in topic.phrasings]
    phrasings += [(text, len(topics)) for text in corpus.not_covered]
    passages = [(text, at) for at, topic in enumerate(topics) for text in topic.passages]
    texts = [text for text, _ in (*phrasings, *passages)]
    digests = tuple(digest_of(text) for text in texts)
    new = {digest: text for digest, text in zip(digests, texts, strict=True) if digest not in known}
    computed = as_stored(encoder.encode(list(new.values()))) if new else ()
    vectors = {**known, **dict(zip(new, computed, strict=True))}
    # Far quicker than `np.stack`, which looks at each of them by itself.
    stacked = np.concatenate([vectors[digest] for digest in digests]).reshape(len(digests), -1)
    return Examples(
        tuple(topic.slug for topic in topics),
        stacked[: len(phrasings)],
        np.array([owner for _, owner in phrasings], np.int64),
        stacked[len(phrasings) :],
        np.array([owner for _, owner in passages], np.int64),
    ), digests


def as_stored(vectors: Vectors) -> Vectors:
    """Return vectors as they are when they were stored, in half precision, so that a stored fit is the fit itself.

    A cosine changes by less than 1e-4.
    """
    rounded: Vectors = vectors.astype(np.float16).astype(np.float32)
    return rounded
