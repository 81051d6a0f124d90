"""Training the adapter: the encoder learns which questions go to one entry, and which to none.

TensorFlow computes the encoder here, as `assistant.matching.meaning.encoder` does in NumPy, with its usual dropout. A
linear layer on the unit vectors tells the entries apart; its cross-entropy is minimised with respect to the adapter and
that layer, which is thrown away afterwards: `assistant.matching.meaning.fitting` fits a better one.

Sources:
    Hu et al. (2022). LoRA. ICLR. arXiv:2106.09685.
    Szegedy et al. (2016). Rethinking the Inception architecture (label smoothing). CVPR. arXiv:1512.00567.
    Loshchilov and Hutter (2019). Decoupled weight decay regularization (AdamW). ICLR. arXiv:1711.05101.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from assistant.matching import Corpus, digest_of
from assistant.matching.meaning.adapter import Adapter
from assistant.matching.meaning.encoder import DENSE, EPSILON, HEADS, LAYERS, WIDTH, Encoder

RANK = 8
SCALE = 2.0  # The change is U (D x) times this while it is trained, as by Hu et al. with alpha 16; then U holds it.
EPOCHS = 3
BATCH_SIZE = 32
LEARNING_RATE = 1e-3  # the largest of AdamW's steps: it rises over a tenth of the steps, and falls to 0 along a cosine
WEIGHT_DECAY = 0.01
CLIP_NORM = 1.0  # norm of all gradients together
DROPOUT = 0.1
LABEL_SMOOTHING = 0.1
LOGIT_SCALE = 10.0  # of the logits, whose vectors have length 1
TOKENS = 96  # of a text are learned from

PASSAGE = 0.3  # of a phrasing's weight has a passage of the answer

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class LabelledText:
    """A text, the number of what it belongs to, and its weight."""

    text: str
    owner: int
    weight: float = 1.0


def training_set(corpus: Corpus) -> list[LabelledText]:
    """Return what there is to learn: all passages, and the phrasings that are not held out."""
    texts = [*(topic.phrasings for topic in corpus.topics), corpus.not_covered]
    phrasings = [(text, at) for at, own in enumerate(texts) for text in own if text not in corpus.held_out]
    passages = [(text, at) for at, topic in enumerate(corpus.topics) for text in topic.passages]
    return [*(LabelledText(*each) for each in phrasings), *(LabelledText(*each, PASSAGE) for each in passages)]


def train(
    encoder: Encoder,
    examples: Sequence[LabelledText],
    *,
    epochs: int = EPOCHS,
    seed: int = 0,
    progress: Callable[[float, float], None] = lambda _done, _loss: None,
) -> Adapter:
    """Return an adapter with which the vectors of ``examples`` of different owners lie apart.

    Eleven thousand texts take some 16 minutes on two cores. Another machine gives another adapter: rounding differs.

    Args:
        encoder: the encoder without an adapter.
        examples: texts and their owners, 0 and up.
        epochs: how often each text is looked at.
        seed: of the start, the order and the dropout.
        progress: is told after each step which share is done, 0..1, and the loss.

    Raises:
        ValueError: there is nothing to tell apart.
    """
    owners = np.array([each.owner for each in examples], np.int64)
    if len(set(owners.tolist())) < 2:
        raise ValueError("an adapter needs texts of two entries at least")
    tf.random.set_seed(seed)
    generator = np.random.default_rng(seed)
    model = _Model(encoder, int(owners.max()) + 1, generator)
    tokens = [each[:TOKENS] for each in encoder.tokens([each.text for each in examples])]
    weights = np.array([each.weight for each in examples], np.float32)
    steps = epochs * -(-len(examples) // BATCH_SIZE)
    rate = tf.keras.optimizers.schedules.CosineDecay(
        0.0, steps - steps // 10, warmup_target=LEARNING_RATE, warmup_steps=max(steps // 10, 1)
    )
    optimizer = tf.keras.optimizers.AdamW(rate, weight_decay=WEIGHT_DECAY, global_clipnorm=CLIP_NORM)
    optimizer.build(model.trainable_variables)

    @tf.function(reduce_retracing=True)
    def step(ids: tf.Tensor, mask: tf.Tensor, owners: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        loss, gradients = model.loss_and_gradients(ids, mask, owners, weights)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    done = 0
    for _ in range(epochs):
        for batch in _batches([len(each) for each in tokens], generator):
            ids, mask = _pad([tokens[at] for at in batch])
            loss = step(ids, mask, owners[batch], weights[batch])
            done += 1
            progress(min(done / steps, 1.0), float(loss))
    return model.adapter(frozenset(digest_of(each.text) for each in examples))


def stored_start(folder: Path, examples: Sequence[LabelledText], seed: int) -> Path:
    """Return the file in ``folder`` for what one start learns of just these examples, under just these settings."""
    settings = (
        EPOCHS,
        BATCH_SIZE,
        LEARNING_RATE,
        WEIGHT_DECAY,
        CLIP_NORM,
        DROPOUT,
        LABEL_SMOOTHING,
        TOKENS,
        RANK,
        SCALE,
    )
    digest = hashlib.sha256(repr((settings, list(examples))).encode("utf-8", "replace")).hexdigest()
    return folder / f"adapter-{digest[:16]}-{seed}.npz"


def _batches(lengths: Sequence[int], generator: np.random.Generator) -> Iterator[Numbers]:
    """Yield the numbers of the texts of each batch: at random, but texts of like length together."""
    order = generator.permutation(len(lengths))
    batches = []
    for start in range(0, len(order), BATCH_SIZE * 8):
        part = np.array(sorted(order[start : start + BATCH_SIZE * 8], key=lambda at: lengths[at]), np.int64)
        batches += [part[at : at + BATCH_SIZE] for at in range(0, len(part), BATCH_SIZE)]
    for at in generator.permutation(len(batches)):
        yield batches[at]


def _pad(tokens: Sequence[Sequence[int]]) -> tuple[Numbers, npt.NDArray[np.float32]]:
    """Return the tokens' numbers and which are no padding, both (texts, tokens)."""
    longest = max(len(each) for each in tokens)
    ids, mask = np.zeros((len(tokens), longest), np.int64), np.zeros((len(tokens), longest), np.float32)
    for at, each in enumerate(tokens):
        ids[at, : len(each)], mask[at, : len(each)] = each, 1
    return ids, mask


class _Model(tf.Module):  # type: ignore[misc]
    """The encoder with an adapter that can be learned, and a linear layer on its vectors."""

    def __init__(self, encoder: Encoder, owners: int, generator: np.random.Generator) -> None:
        super().__init__()
        self._weights = {name: tf.constant(value) for name, value in encoder.weights.items()}
        self.down, self.up = {}, {}
        for layer in range(LAYERS):
            for name in (f"encoder.layer.{layer}.{dense}" for dense in DENSE):
                outputs, inputs = encoder.weights[f"{name}.weight"].shape
                start = generator.normal(0, 1 / RANK, (RANK, inputs))
                self.down[name] = tf.Variable(start.astype(np.float32), name=f"{name}.D")
                self.up[name] = tf.Variable(tf.zeros((outputs, RANK)), name=f"{name}.U")
        self.head = tf.Variable(generator.normal(0, 0.02, (WIDTH, owners)).astype(np.float32), name="head")
        self.offset = tf.Variable(tf.zeros(owners), name="offset")

    def adapter(self, seen: frozenset[str]) -> Adapter:
        """Return what was learned."""
        return Adapter({name: (self.down[name].numpy(), SCALE * self.up[name].numpy()) for name in self.down}, seen)

    @tf.function(reduce_retracing=True)
    def loss_and_gradients(
        self, ids: tf.Tensor, mask: tf.Tensor, owners: tf.Tensor, weights: tf.Tensor
    ) -> tuple[tf.Tensor, list[tf.Tensor]]:
        """Return the mean cross-entropy of texts (texts, tokens), and its gradients."""
        with tf.GradientTape() as tape:
            logits = LOGIT_SCALE * self.vectors(ids, mask, DROPOUT) @ self.head + self.offset
            smooth = tf.one_hot(owners, logits.shape[1]) * (1 - LABEL_SMOOTHING) + LABEL_SMOOTHING / logits.shape[1]
            each = tf.nn.softmax_cross_entropy_with_logits(smooth, logits)
            loss = tf.reduce_mean(each * weights)
        return loss, tape.gradient(loss, self.trainable_variables)

    def vectors(self, ids: tf.Tensor, mask: tf.Tensor, dropout: float = 0.0) -> tf.Tensor:
        """Return the unit vectors (texts, 384) of token numbers and mask, both (texts, tokens)."""

        def dropped(x: tf.Tensor) -> tf.Tensor:
            return tf.nn.dropout(x, dropout) if dropout else x

        def dense(x: tf.Tensor, name: str) -> tf.Tensor:
            y = tf.tensordot(x, self._weights[f"{name}.weight"], [[-1], [1]]) + self._weights[f"{name}.bias"]
            small = tf.tensordot(dropped(x), self.down[name], [[-1], [1]])
            return y + SCALE * tf.tensordot(small, self.up[name], [[-1], [1]])

        def normalised(x: tf.Tensor, name: str) -> tf.Tensor:
            mean, variance = tf.nn.moments(x, [-1], keepdims=True)
            scale, shift = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
            return (x - mean) * tf.math.rsqrt(variance + EPSILON) * scale + shift

        def heads(x: tf.Tensor) -> tf.Tensor:  # (texts, heads, tokens, 32)
            shape = tf.shape(x)
            return tf.transpose(tf.reshape(x, (shape[0], shape[1], HEADS, WIDTH // HEADS)), (0, 2, 1, 3))

        x = tf.gather(self._weights["embeddings.word_embeddings.weight"], ids)
        x += self._weights["embeddings.position_embeddings.weight"][: tf.shape(ids)[1]]
        x += self._weights["embeddings.token_type_embeddings.weight"][0]
        x = dropped(normalised(x, "embeddings.LayerNorm"))
        hidden = (mask[:, None, None, :] - 1) * 1e9  # (texts, 1, 1, tokens)
        for layer in range(LAYERS):
            at = f"encoder.layer.{layer}"
            query, key, value = (heads(dense(x, f"{at}.attention.self.{each}")) for each in ("query", "key", "value"))
            scores = tf.matmul(query, key, transpose_b=True) / (WIDTH // HEADS) ** 0.5 + hidden
            mixed = tf.transpose(tf.matmul(dropped(tf.nn.softmax(scores)), value), (0, 2, 1, 3))
            mixed = dense(tf.reshape(mixed, tf.shape(x)), f"{at}.attention.output.dense")
            x = normalised(x + dropped(mixed), f"{at}.attention.output.LayerNorm")
            wide = tf.nn.gelu(dense(x, f"{at}.intermediate.dense"))
            x = normalised(x + dropped(dense(wide, f"{at}.output.dense")), f"{at}.output.LayerNorm")
        mean = tf.reduce_sum(x * mask[..., None], axis=1) / tf.reduce_sum(mask, axis=1, keepdims=True)
        return tf.math.l2_normalize(mean, axis=1)
