"""The library's own texts and the installed encoder."""

from pathlib import Path

import pytest

from assistant import create_app
from assistant.library.entries import read
from assistant.library.fitting import stored_fit
from assistant.matching import Topic, read_not_covered
from assistant.matching.encoder import Encoder, EncoderUnavailableError, installed, weights_folder
from assistant.matching.semantic import Fitted, SemanticMatcher
from tests.conftest import settings_in

CONTENT = Path(__file__).parents[3] / "content"


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The encoder of the service, with the project's adapter."""
    try:
        return installed()
    except EncoderUnavailableError as error:
        pytest.skip(f"no sentence vectors: {error}")


@pytest.fixture(scope="session")
def plain(encoder: Encoder) -> Encoder:
    """The encoder as it comes."""
    del encoder  # tells whether the weights are there
    return Encoder(weights_folder())


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
def fitted(prepared: Path, encoder: Encoder) -> Fitted:
    """What the import learned from the library."""
    del encoder  # tells whether the weights are there
    with create_app(settings_in(prepared)).app_context():
        fit = stored_fit()
    assert fit is not None
    return fit


@pytest.fixture(scope="session")
def matcher(fitted: Fitted, encoder: Encoder) -> SemanticMatcher:
    return SemanticMatcher(fitted, encoder)
