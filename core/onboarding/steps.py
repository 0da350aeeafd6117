"""Where a run may go and what the server does for which ending; pure.

`OnboardingRun.progress` holds the finished server steps by name with their time.
Source: contracts/meta.md section 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from core.onboarding.entities import Ending, RunStatus, RunStep


class ServerStep(StrEnum):
    """What the client sees being ticked off while the number is registered."""

    TOKEN = "token"  # noqa: S105
    ACCOUNT = "account"  # the WABA was found, and it is this client's
    SUBSCRIPTION = "subscription"
    NUMBERS = "numbers"
    REGION = "region"
    PIN = "pin"
    REGISTRATION = "registration"
    APP_DATA = "app_data"  # coexistence: contacts and history of the app
    CONFIRMATION = "confirmation"  # Meta says that the number is connected
    TEMPLATES = "templates"


STEP_MOVES: dict[RunStep, frozenset[RunStep]] = {
    RunStep.SIGN_UP: frozenset({RunStep.CODE}),
    RunStep.CODE: frozenset({RunStep.SIGN_UP, RunStep.CODE, RunStep.PAYMENT, RunStep.META}),
    RunStep.PAYMENT: frozenset({RunStep.PAYMENT, RunStep.META}),
    RunStep.META: frozenset({RunStep.META, RunStep.REGISTER}),
    # Back to the popup when the code was late or Meta wants something put right there.
    RunStep.REGISTER: frozenset({RunStep.META, RunStep.REGISTER, RunStep.PERMISSION, RunStep.DONE}),
    RunStep.PERMISSION: frozenset({RunStep.PERMISSION, RunStep.DONE}),
    RunStep.DONE: frozenset({RunStep.DONE}),
}

STATUS_MOVES: dict[RunStatus, frozenset[RunStatus]] = {
    RunStatus.OPEN: frozenset(
        {
            RunStatus.OPEN,
            RunStatus.WORKING,
            RunStatus.STOPPED,
            RunStatus.FINISHED,
            RunStatus.ABANDONED,
        }
    ),
    RunStatus.WORKING: frozenset({RunStatus.WORKING, RunStatus.OPEN, RunStatus.STOPPED}),
    RunStatus.STOPPED: frozenset(
        {RunStatus.STOPPED, RunStatus.OPEN, RunStatus.WORKING, RunStatus.ABANDONED}
    ),
    # The mailed link brings an abandoned run back.
    RunStatus.ABANDONED: frozenset({RunStatus.OPEN, RunStatus.STOPPED}),
    RunStatus.FINISHED: frozenset({RunStatus.FINISHED}),
}

_BASE = (ServerStep.TOKEN, ServerStep.ACCOUNT)
_SERVED = (*_BASE, ServerStep.SUBSCRIPTION)


def may_move(step: str, to_step: RunStep, status: str, to_status: RunStatus) -> bool:
    """Whether the tables allow it."""
    return to_step in STEP_MOVES[RunStep(step)] and to_status in STATUS_MOVES[RunStatus(status)]


def people_steps(*, direct_paid: bool) -> tuple[RunStep, ...]:
    """The steps that are counted for people; the code belongs to signing up."""
    payment = (RunStep.PAYMENT,) if direct_paid else ()
    return (
        RunStep.SIGN_UP,
        *payment,
        RunStep.META,
        RunStep.REGISTER,
        RunStep.PERMISSION,
        RunStep.DONE,
    )


def server_steps(ending: str, *, region: str) -> tuple[ServerStep, ...]:
    """What the server does after this ending; an unknown or lost one is taken for FINISH.

    `region` is the partner's default for new numbers, '' = Meta's own.
    """
    match ending:
        case Ending.CANCEL | Ending.ERROR:
            return ()
        case Ending.GRANT_ONLY:
            return _BASE
        case Ending.ONLY_WABA:
            return (*_SERVED, ServerStep.TEMPLATES)
        case Ending.COEXISTENCE:
            # Registered by the app; Meta keeps no local storage for such numbers.
            middle: tuple[ServerStep, ...] = (ServerStep.NUMBERS, ServerStep.APP_DATA)
        case Ending.OBO_MIGRATION:
            middle = (ServerStep.NUMBERS,)
        case _:
            stored = (ServerStep.REGION,) if region else ()
            middle = (ServerStep.NUMBERS, *stored, ServerStep.PIN, ServerStep.REGISTRATION)
    return (*_SERVED, *middle, ServerStep.CONFIRMATION, ServerStep.TEMPLATES)


def missing(steps: Iterable[ServerStep], progress: Mapping[str, Any]) -> list[ServerStep]:
    """Steps that are not done yet, in order."""
    return [step for step in steps if step not in progress]


def tasks(ending: str, channel_ids: Iterable[str], *, over: bool) -> tuple[str, ...]:
    """What is left for the client to do in its own time."""
    no_number = over and not any(channel_ids) and ending != Ending.GRANT_ONLY
    return ("add_number",) if no_number else ()
