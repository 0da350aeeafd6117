"""What the server sequence does next, from nothing but the run's row; pure.

The row is the only memory: a workflow that was killed anywhere asks again and gets the move it
died in. `progress["begun"]` names the calls that were on their way and must not blindly be
repeated, `progress["finished"]` those per number that are done.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core.onboarding.steps import ServerStep, missing, server_steps


class MoveKind(StrEnum):
    """One thing the workflow does, with one call of Meta where it has the name of one."""

    EXCHANGE = "exchange_code"
    RECALL = "recall_waba"
    SOLUTION_TOKEN = "solution_token"  # noqa: S105
    AWAIT_MESSAGE = "await_message"
    INSPECT = "debug_token"
    VERIFY = "phone_numbers"
    SEARCH = "client_wabas"
    READ_ACCOUNT = "waba"
    SUBSCRIBE = "subscribe"
    TAKE_NUMBERS = "take_numbers"
    SET_REGION = "set_storage_region"
    MAKE_PIN = "make_pin"
    REGISTER = "register"
    SYNC_APP_DATA = "sync_app_data"
    CONFIRM = "phone_number"
    READ_TEMPLATES = "templates"
    COMPLETE = "complete"
    STOP = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What to do next; `target` is Meta's id it is about, or the reason of a stop."""

    kind: MoveKind
    target: str = ""

    @property
    def mark(self) -> str:
        """The name under `begun` and in the flight record."""
        return f"{self.kind}:{self.target}" if self.target else str(self.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that the next move depends on, read from the run's row."""

    ending: str
    waba_id: str
    has_code: bool
    region: str
    progress: Mapping[str, Any] = field(default_factory=dict)

    def is_done(self, step: ServerStep) -> bool:
        return step in self.progress

    def has_begun(self, mark: str) -> bool:
        return mark in self.progress.get("begun", {})

    @property
    def awaited(self) -> int:
        return int(self.progress.get("awaited", 0))

    @property
    def numbers(self) -> list[Mapping[str, Any]]:
        return list(self.progress.get("phones", []))


# The message is posted beside the code; when it has not come after these looks it is lost.
MESSAGE_LOOKS = 4
SYNC_TYPES = ("smb_app_state_sync", "history")


def next_move(now: Situation) -> Move:
    """The next thing to do. The code goes first: it lives for thirty seconds."""
    if not now.is_done(ServerStep.TOKEN):
        return _token_move(now)
    if not now.ending and now.awaited < MESSAGE_LOOKS:
        return Move(kind=MoveKind.AWAIT_MESSAGE)
    if not now.is_done(ServerStep.ACCOUNT):
        return _account_move(now)
    todo = missing(server_steps(now.ending, region=now.region), now.progress)
    if not todo:
        return Move(kind=MoveKind.COMPLETE)
    return _step_move(todo[0], now)


def _token_move(now: Situation) -> Move:
    if not now.has_code:
        return Move(kind=MoveKind.STOP, target="code_missing")
    exchange = Move(kind=MoveKind.EXCHANGE)
    if not now.has_begun(exchange.mark):
        return exchange
    # Asked, and the answer was lost. A code works once, so asking again can only fail.
    if not now.ending and now.awaited < MESSAGE_LOOKS:
        return Move(kind=MoveKind.AWAIT_MESSAGE)
    if business := now.progress.get("recalled"):
        return Move(kind=MoveKind.SOLUTION_TOKEN, target=str(business))
    if now.waba_id and MoveKind.RECALL not in now.progress.get("asked", []):
        return Move(kind=MoveKind.RECALL)
    return Move(kind=MoveKind.STOP, target="code_lost")


def _account_move(now: Situation) -> Move:
    """Message, token, webhook, search: in this order, each WABA proven by a call that works."""
    refused = set(now.progress.get("refused", []))
    if verified := now.progress.get("verified"):
        return Move(kind=MoveKind.READ_ACCOUNT, target=str(verified))
    if now.waba_id and now.waba_id not in refused:
        return Move(kind=MoveKind.VERIFY, target=now.waba_id)
    asked = now.progress.get("asked", [])
    if MoveKind.INSPECT not in asked:
        return Move(kind=MoveKind.INSPECT)
    known = [*now.progress.get("candidates", []), *now.progress.get("shared", [])]
    for candidate in known:
        if candidate not in refused:
            return Move(kind=MoveKind.VERIFY, target=str(candidate))
    if MoveKind.SEARCH not in asked:
        return Move(kind=MoveKind.SEARCH)
    # Only others' accounts could be seen: say that, not that there is none.
    reason = "waba_taken" if now.progress.get("taken") else "waba_not_found"
    return Move(kind=MoveKind.STOP, target=reason)


_SIMPLE = {
    ServerStep.SUBSCRIPTION: MoveKind.SUBSCRIBE,
    ServerStep.NUMBERS: MoveKind.TAKE_NUMBERS,
    ServerStep.PIN: MoveKind.MAKE_PIN,
    ServerStep.TEMPLATES: MoveKind.READ_TEMPLATES,
}
_PER_NUMBER = {
    ServerStep.REGION: MoveKind.SET_REGION,
    ServerStep.REGISTRATION: MoveKind.REGISTER,
    ServerStep.APP_DATA: MoveKind.SYNC_APP_DATA,
    ServerStep.CONFIRMATION: MoveKind.CONFIRM,
}


def _step_move(step: ServerStep, now: Situation) -> Move:
    if step in _SIMPLE:
        return Move(kind=_SIMPLE[step])
    for target in targets(step, now.numbers):
        move = Move(kind=_PER_NUMBER[step], target=target)
        if move.mark not in now.progress.get("finished", {}):
            return move
    # Nothing (more) to do for this step: `COMPLETE` of a step, told apart by its target.
    return Move(kind=MoveKind.COMPLETE, target=step)


def targets(step: ServerStep, numbers: Iterable[Mapping[str, Any]]) -> list[str]:
    """What a step is repeated for: numbers that still need it."""
    ids = [str(number["id"]) for number in numbers]
    fresh = [str(number["id"]) for number in numbers if not number.get("registered")]
    match step:
        case ServerStep.REGION | ServerStep.REGISTRATION:
            return fresh
        case ServerStep.APP_DATA:
            return [f"{id_}:{kind}" for id_ in ids for kind in SYNC_TYPES]
        case _:
            return ids
