"""The provider's signing keys: RS256, made when first used, rotated on demand."""

import secrets
from functools import cached_property

from joserfc.jwk import RSAKey


def new_key() -> RSAKey:
    kid = secrets.token_hex(8)
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})


class KeyRing:
    """The current key and the former ones that are still published."""

    def __init__(self) -> None:
        self._former: list[RSAKey] = []
        self._withdrawn: list[RSAKey] = []

    @cached_property
    def current(self) -> RSAKey:
        """Made at the first use: most tests never sign anything and a key costs time."""
        return new_key()

    @cached_property
    def stranger(self) -> RSAKey:
        """Signs what an attacker would sign; never published at the real key set."""
        return new_key()

    def rotate(self, *, keep_old: bool) -> str:
        """Sign with a new key from now on; without *keep_old* only that one is published."""
        before = [*self._former, self.current]
        self._former = before if keep_old else []
        self._withdrawn += [] if keep_old else before
        self.current = new_key()
        return self.kid

    @property
    def kid(self) -> str:
        return kid_of(self.current)

    def known(self) -> list[RSAKey]:
        """Every key that tokens of ours may have been signed with, also withdrawn ones."""
        return [self.current, *self._former, *self._withdrawn]

    def published(self) -> dict[str, object]:
        return {"keys": [key.as_dict(private=False) for key in [self.current, *self._former]]}

    def strangers(self) -> dict[str, object]:
        return {"keys": [self.stranger.as_dict(private=False)]}


def kid_of(key: RSAKey) -> str:
    return str(key.kid)
