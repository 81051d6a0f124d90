"""Random streams: each network draws from its own, so that it is the same alone or among a thousand.

Network k of seed s draws from ``SeedSequence(s, spawn_key=(k, purpose))``: what one network draws, or draws
for one purpose, never shifts what another receives.
"""

from collections.abc import Iterable
from enum import IntEnum

import numpy as np

SEED_LIMIT = 2**63  # A seed fits a signed 64-bit database column.


class Purpose(IntEnum):
    """What a stream is drawn for; the numbers are part of what makes a run repeatable, so they never change."""

    WEIGHTS = 0
    ORDER = 1
    DROPOUT = 2
    CONSTANTS = 3
    NOISE = 4
    EXAMPLES = 5
    HELD_BACK = 6
    LABELS = 7


def stream(seed: int, network: int, purpose: Purpose) -> np.random.Generator:
    """Return network ``network``'s own generator for one purpose."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(network, purpose)))


def streams(seed: int, members: Iterable[int], purpose: Purpose) -> list[np.random.Generator]:
    """Return one generator for each of the networks ``members``, as `stream` does."""
    return [stream(seed, int(network), purpose) for network in members]
