"""The library's own texts and the installed encoder."""

from pathlib import Path

import pytest

from assistant import create_app
from assistant.library.content.content_files import content_corpus
from assistant.matching import Corpus, Topic
from assistant.matching.meaning.encoder import Encoder, EncoderUnavailableError, installed_encoder, weights_folder
from assistant.matching.meaning.semantic import SemanticMatcher
from assistant.matching.meaning.stored_fit import Fit
from assistant.questions.understanding.matcher import stored_fit
from tests.conftest import settings_in

CONTENT = Path(__file__).parents[3] / "content"


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The encoder of the service, with the project's adapter."""
    try:
        return installed_encoder()
    except EncoderUnavailableError as error:
        pytest.skip(f"no sentence vectors: {error}")


@pytest.fixture(scope="session")
def plain(encoder: Encoder) -> Encoder:
    """The encoder as it comes."""
    del encoder  # tells whether the weights are there
    return Encoder(weights_folder())


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    """The library's own texts."""
    return content_corpus(CONTENT)


@pytest.fixture(scope="session")
def topics(corpus: Corpus) -> tuple[Topic, ...]:
    return corpus.topics


@pytest.fixture(scope="session")
def not_covered(corpus: Corpus) -> tuple[str, ...]:
    return corpus.not_covered


@pytest.fixture(scope="session")
def stored(prepared: Path, encoder: Encoder) -> Fit:
    """The fit to the library."""
    del encoder  # tells whether the weights are there
    with create_app(settings_in(prepared)).app_context():
        found = stored_fit()
    assert found is not None
    return found


@pytest.fixture(scope="session")
def matcher(stored: Fit, encoder: Encoder) -> SemanticMatcher:
    return SemanticMatcher(stored, encoder)
