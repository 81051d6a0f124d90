"""What no experiment can be trained with is said, unless the answer speaks of it; real SQLite."""

import pytest
from flask.testing import FlaskClient

from assistant.questions.own_numbers.not_varied import settings_beside, weights_alike
from assistant.questions.own_numbers.own_numbers import read
from models import registry
from tests.assistant.conftest import TITLE

RATES = registry.describe("learning-rate")["parameters"]
SILENT = "The step is too large, and the loss grows."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("with learning rate 0.3, tanh, and 200 steps", ["tanh"]),
        ("what if I use leaky ReLU?", ["leaky ReLU"]),
        ("model = Dense(3, activation='tanh')", ["activation=tanh"]),
        ("a tanh network", ["tanh"]),
        ("not with tanh", []),
        ("SGD(params, lr=0.1, momentum=0.9)", ["momentum=0.9"]),
        ("what does momentum do", []),
        ("tanh has a derivative", []),
        ("activation energy is high", []),
        ("what if I use RMSprop?", ["RMSprop"]),
        ("optimizer='nadam'", ["optimizer=nadam"]),
        ("how does RMSprop work", []),
    ],
)
def test_an_activation_and_momentum_are_told_where_they_are_asked_for(text: str, said: list[str]) -> None:
    assert list(read(text, RATES, [settings_beside(SILENT)]).elsewhere) == said
    assert read(text, RATES, [settings_beside("Tanh and leaky ReLU, momentum, RMSprop, Nadam")]).elsewhere == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("with 5 hidden units, all weights 0.5", ["all weights 0.5"]),
        ("I set all the weights to zero.", ["all the weights to zero"]),
        ("every weight is set to 0.1 here", ["every weight is set to 0.1"]),
        ("W1 = np.zeros((2, 3))\nb1 = np.zeros(3)", ["W1 = np.zeros"]),
        ("Dense(3, kernel_initializer='zeros', bias_initializer='zeros')", ["kernel_initializer='zeros'"]),
        ("X = np.zeros(5), all weights of 3 neurons, not all weights 0, all weights matter", []),
    ],
)
def test_weights_that_all_start_alike_are_told(text: str, said: list[str]) -> None:
    assert weights_alike(text, SILENT) == said
    assert weights_alike(text, f"{SILENT} Zeros are another matter.") == []


def test_another_optimisers_rate_is_no_chip_of_ours(client: FlaskClient) -> None:
    question = f"{TITLE}\n\nopt = RMSprop(learning_rate=0.2)"
    told = client.post("/api/questions", json={"question": question}).get_json()
    assert told["entry"] == "why-neurons-differ"
    assert told["varied_run_url"] is None
    assert told["understood"]["taken"] == {}
    assert told["understood"]["elsewhere"] == ["RMSprop(learning_rate=0.2)"]


def test_the_page_and_the_api_say_what_cannot_be_varied(client: FlaskClient) -> None:
    question = "What happens when the learning rate is too large? I use learning rate 3, tanh, <b>"
    told = client.post("/api/questions", json={"question": question}).get_json()
    assert told["entry"] == "what-the-learning-rate-changes"
    assert told["understood"]["taken"] == {"rate": 3.0}
    assert told["understood"]["elsewhere"] == ["tanh"]
    page = client.get(told["question_url"]).text
    assert "Not something that this experiment can vary:" in page
    assert '<span class="chip fixed">tanh</span>' in page
