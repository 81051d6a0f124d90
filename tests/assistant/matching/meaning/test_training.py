"""The adapter: trained with TensorFlow, applied in NumPy, and what its file says."""

from pathlib import Path

import numpy as np
import pytest

from assistant.matching import Corpus, Topic, digest_of
from assistant.matching.meaning import encoder as encoder_module
from assistant.matching.meaning.adapter import FILE, Adapter, UnusableAdapterError
from assistant.matching.meaning.encoder import (
    DENSE,
    LAYERS,
    Encoder,
    EncoderUnavailableError,
    installed_encoder,
    weights_folder,
)
from assistant.matching.meaning.stored_fit import Fit
from assistant.matching.meaning.training import BATCH_SIZE, LabelledText, _batches, _Model, _pad, train, training_set
from models.loading import load_engine

pytestmark = pytest.mark.slow

TEXTS = [
    "Why do neurons differ?",
    "no",
    "My loss explodes as soon as I raise the step, what is wrong?",
    "which rate should I take",
    "All the units of a layer begin with the same weights, so why should they not stay the same for ever after that?",
    "are zeros a bad start for the weights of a layer",
]


@pytest.fixture(scope="module", autouse=True)
def threads() -> None:
    """Let the engine set TensorFlow's threads, which it can only do before anything is computed."""
    load_engine()


@pytest.fixture(scope="module")
def model(plain: Encoder) -> _Model:
    """The encoder in TensorFlow, with an adapter that changes every layer."""
    generator = np.random.default_rng(3)
    made = _Model(plain, 2, generator)
    for up in made.up.values():
        up.assign(generator.normal(0, 0.02, up.shape))
    return made


def test_without_an_adapter_tensorflow_gives_the_vectors_of_numpy(plain: Encoder) -> None:
    fresh = _Model(plain, 2, np.random.default_rng(0))  # Its adapter changes nothing yet.
    found = fresh.vectors(*_pad(plain.tokens(TEXTS))).numpy()
    np.testing.assert_allclose(found, plain.encode(TEXTS), rtol=0, atol=1e-5)


def test_with_an_adapter_too(plain: Encoder, model: _Model) -> None:
    adapted = Encoder(weights_folder(), model.adapter(frozenset()))
    found = adapted.encode(TEXTS)
    np.testing.assert_allclose(found, model.vectors(*_pad(plain.tokens(TEXTS))).numpy(), rtol=0, atol=1e-5)
    assert np.abs(found - plain.encode(TEXTS)).max() > 0.01
    assert adapted.name != plain.name


def test_what_was_written_is_read_again(model: _Model, tmp_path: Path) -> None:
    adapter = model.adapter(frozenset(digest_of(text) for text in TEXTS))
    adapter.write(tmp_path / "adapter.npz")
    again = Adapter.read(tmp_path / "adapter.npz")
    assert (again.name, again.seen) == (adapter.name, adapter.seen)
    assert again.changes.keys() == adapter.changes.keys()
    for name, pair in again.changes.items():
        for read, written in zip(pair, adapter.changes[name], strict=True):
            np.testing.assert_allclose(read, written, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("held", [b"", b"no archive", b"PK\x03\x04 cut"])
def test_a_damaged_adapter_is_refused_and_the_encoder_with_it(
    held: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "adapter.npz"
    path.write_bytes(held)
    with pytest.raises(UnusableAdapterError, match=r"adapter\.npz is no adapter"):
        Adapter.read(path)
    monkeypatch.setattr(encoder_module, "FILE", path)
    with pytest.raises(EncoderUnavailableError, match=r"adapter\.npz is no adapter"):
        installed_encoder.__wrapped__()


def test_the_mean_of_adapters_changes_layers_by_the_mean(model: _Model) -> None:
    one = model.adapter(frozenset({digest_of("one")}))
    other = Adapter(
        {layer: (3 * down, up) for layer, (down, up) in one.changes.items()}, frozenset({digest_of("other")})
    )
    mean = Adapter.mean([one, other])
    assert mean.seen == one.seen | other.seen
    for layer, (down, up) in mean.changes.items():
        first, second = one.changes[layer]
        np.testing.assert_allclose(up @ down, 2 * second @ first, rtol=1e-4, atol=1e-5)


def test_training_brings_texts_of_one_owner_together(plain: Encoder) -> None:
    owners = [0, 1, 1, 1, 0, 0]
    told: list[tuple[float, float]] = []
    adapter = train(
        plain,
        [LabelledText(text, owner) for text, owner in zip(TEXTS, owners, strict=True)],
        epochs=12,
        progress=lambda done, loss: told.append((done, loss)),
    )
    assert told[-1][0] == 1
    assert told[-1][1] < told[0][1]
    same = np.equal.outer(owners, owners)

    def contrast(encoder: Encoder) -> float:
        cosines = encoder.encode(TEXTS) @ encoder.encode(TEXTS).T
        return float(cosines[same].mean() - cosines[~same].mean())

    assert contrast(Encoder(weights_folder(), adapter)) > contrast(plain) + 0.2
    assert adapter.seen == {digest_of(text) for text in TEXTS}


def test_texts_of_one_owner_alone_are_refused(plain: Encoder) -> None:
    with pytest.raises(ValueError, match="two entries at least"):
        train(plain, [LabelledText("a", 0), LabelledText("b", 0)])


def test_phrasings_that_are_held_out_teach_nothing() -> None:
    topics = (Topic("a", ("a0", "a1", "a2"), ("what a says",)), Topic("b", ("b0", "b1")))
    found = training_set(Corpus(topics, ("none0", "none1"), frozenset({"a1", "b1", "none0", "gone"})))
    assert [(each.text, each.owner) for each in found if each.weight == 1] == [
        ("a0", 0),
        ("a2", 0),
        ("b0", 1),
        ("none1", 2),
    ]
    assert [(each.text, each.owner) for each in found if each.weight < 1] == [("what a says", 0)]


def test_a_batch_holds_texts_of_like_length_and_each_text_once() -> None:
    lengths = np.random.default_rng(4).integers(3, 90, 300).tolist()
    batches = list(_batches(lengths, np.random.default_rng(5)))
    assert sorted(np.concatenate(batches).tolist()) == list(range(300))
    assert max(len(batch) for batch in batches) == BATCH_SIZE
    spread = [np.ptp([lengths[at] for at in batch]) for batch in batches]
    assert np.mean(spread) < 25


def test_the_projects_adapter_changes_every_dense_layer_and_leaves_phrasings_to_find_out_from(
    encoder: Encoder, stored: Fit
) -> None:
    assert encoder.adapter is not None
    assert encoder.adapter.name == Adapter.read(FILE).name
    assert set(encoder.adapter.changes) == {
        f"encoder.layer.{layer}.{dense}" for layer in range(LAYERS) for dense in DENSE
    }
    owners = stored.examples.owners
    unseen = np.array([digest not in encoder.seen for digest in stored.digests[: len(owners)]])
    shares = np.array([unseen[owners == owner].mean() for owner in range(stored.examples.entries + 1)])
    assert (shares > 0.1).all()
    younger = shares > 0.9  # entries that came after the adapter was trained
    assert (shares[~younger] < 0.5).all()  # a fifth was left unseen on purpose, and texts were added since
    assert (~younger).sum() >= 15
