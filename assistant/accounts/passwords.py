"""Passwords: made, hashed and verified."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from assistant.accounts.queries import key_of
from assistant.errors import InvalidInputError

SHORTEST, LONGEST = 10, 200  # characters

# 19 MiB and two passes (the first choice of OWASP's cheat sheet on password storage), so that many threads may hash.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Verified where there is no such account, so that names cannot be told from the time an answer takes.
NOBODY = _hasher.hash(secrets.token_urlsafe())


def generate() -> str:
    """Return a new password that can be read out and typed."""
    letters = "abcdefghijkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


def hash_password(password: str, name: str) -> str:
    """Return the hash of a new password for the account ``name``.

    Raises:
        InvalidInputError: it is too short, too long or too easy to guess.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidInputError(f"A password has {SHORTEST} to {LONGEST} characters, and this one has {len(password)}.")
    if len(set(password)) < 4 or key_of(name) == key_of(password):
        raise InvalidInputError("This password is too easy to guess. Several words make a good one.")
    return _hasher.hash(password)


def verify(hashed: str, password: str) -> bool:
    """Say whether a hash is of this password."""
    try:
        return _hasher.verify(hashed, password[: LONGEST + 1])
    except (Argon2Error, InvalidHashError):
        return False


def renew(hashed: str, password: str) -> str:
    """Return a password's hash, made anew where it has not the parameters that new ones have."""
    return _hasher.hash(password) if _hasher.check_needs_rehash(hashed) else hashed
