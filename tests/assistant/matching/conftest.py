"""The library's own texts and the installed encoder."""

from pathlib import Path

import pytest

from assistant.library.entries import read
from assistant.matching import Topic, read_not_covered
from assistant.matching.encoder import Encoder, EncoderUnavailableError, installed
from assistant.matching.learning import fit
from assistant.matching.semantic import Fitted, SemanticMatcher

CONTENT = Path(__file__).parents[3] / "content"


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    try:
        return installed()
    except EncoderUnavailableError as error:
        pytest.skip(f"no sentence vectors: {error}")


@pytest.fixture(scope="session")
def topics() -> list[Topic]:
    return [
        Topic.of(
            entry.slug,
            entry.title,
            entry.phrasings,
            (entry.short, *(claim.text for claim in entry.claims), entry.explanation),
        )
        for entry in read(CONTENT)
    ]


@pytest.fixture(scope="session")
def not_covered() -> list[str]:
    return read_not_covered(CONTENT / "not-covered.txt")


@pytest.fixture(scope="session")
def fitted(topics: list[Topic], not_covered: list[str], encoder: Encoder) -> Fitted:
    return fit(topics, not_covered, encoder)


@pytest.fixture(scope="session")
def matcher(fitted: Fitted, encoder: Encoder) -> SemanticMatcher:
    return SemanticMatcher(fitted, encoder)
