"""What an attempt came to, and what it must come to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from core.errors import (
    Conflict,
    Forbidden,
    HubError,
    InvalidInput,
    NotFound,
    NotSignedIn,
    RateLimited,
)
from tests.security.matrix import words
from tests.security.matrix.words import Cell

_STATUSES: dict[type[HubError], int] = {
    InvalidInput: 400,
    NotSignedIn: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    RateLimited: 429,
}
_NOT_FOUND = 404
NOBODY = frozenset({words.ANONYMOUS, words.LOGGED_OUT, words.REVOKED_KEY})
KEYS = frozenset({words.READ_KEY, words.WRITE_KEY, words.REVOKED_KEY, words.KEY_OF_B})


@dataclass(frozen=True, slots=True)
class Outcome:
    """`told` is what the caller learns, without what it said itself; `whole` all of a page."""

    status: int
    told: str
    whole: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One call that must be refused, the same call with an unknown id, and what both must get."""

    what: str
    cells: tuple[Cell, ...]
    foreign: Callable[[], Outcome]
    unknown: Callable[[], Outcome]
    statuses: frozenset[int]
    tells: bool = False  # somebody who may see what belongs to the other partner

    def fault(self, secrets: tuple[str, ...]) -> str:
        """What is wrong with the answers; '' for nothing. `secrets` must not stand in them."""
        got, none = self.foreign(), self.unknown()
        if got.status not in self.statuses:
            return f"{self.what}: {got.status} {got.told[:200]}, not {sorted(self.statuses)}"
        if got.status != none.status or (got.status == _NOT_FOUND and got != none):
            return f"{self.what}: {got} for somebody's id, {none} for an unknown one"
        everything = "" if self.tells else got.told + got.whole
        told = next((each for each in secrets if each in everything), "")
        return f"{self.what}: {told} is told" if told else ""


def outcome_of(act: Callable[[], Any]) -> Outcome:
    """What the verb answered; 500 for whatever is no error of the hub's own tree."""
    try:
        answer = act()
        if isinstance(answer, Iterator):
            answer = list(answer)
    except HubError as error:
        status = next((s for kind, s in _STATUSES.items() if isinstance(error, kind)), 503)
        return Outcome(status, error.code)
    except Exception as error:  # a crash is a finding, not the end of the run
        return Outcome(500, f"{type(error).__name__}: {error}")
    return Outcome(200, repr(answer))
