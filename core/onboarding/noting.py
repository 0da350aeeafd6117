"""Moves a run along its tables and writes what happened into its flight record.

Everything that changes a run goes through here, so that no page sees a run in a state that the
tables do not know, and no code, token or PIN ever gets into an event.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlmodel import Session

from core.clock import Clock
from core.events import EventType, record
from core.onboarding.entities import OnboardingRun, RunStatus, RunStep
from core.onboarding.errors import OnboardingRefused
from core.onboarding.guidance import Guidance, for_key
from core.onboarding.steps import may_move
from core.onboarding.views import RUN_SUBJECT, Trouble


def note(
    session: Session,
    clock: Clock,
    run: OnboardingRun,
    kind: EventType,
    *,
    actor: str = "hub",
    **data: Any,
) -> None:
    """One line in the flight record; values that say nothing are left out."""
    told = {name: value for name, value in data.items() if value not in (None, "")}
    record(
        session,
        clock,
        kind,
        partner_id=run.partner_id,
        subject=(RUN_SUBJECT, run.id),
        actor=actor,
        data=told,
    )
    run.updated_at = clock.now()
    session.add(run)


def move_to(run: OnboardingRun, step: RunStep, status: RunStatus) -> None:
    """Raises OnboardingRefused (wrong_step) when the tables do not allow it."""
    if not may_move(run.step, step, run.status, status):
        raise OnboardingRefused("wrong_step", language=run.language, step=run.step)
    run.step, run.status = step.value, status.value


def remember(run: OnboardingRun, **values: Any) -> None:
    """Set keys of `progress`; JSON columns are replaced, never changed in place."""
    run.progress = dict(run.progress) | values


def forget(run: OnboardingRun, *names: str) -> None:
    """Drop keys of `progress`."""
    run.progress = {key: value for key, value in run.progress.items() if key not in names}


def mark(run: OnboardingRun, shelf: str, name: str, at: datetime) -> bool:
    """Write `name` under `begun` or `finished`; True when it stood there before."""
    marks = dict(run.progress.get(shelf, {}))
    before = name in marks
    remember(run, **{shelf: marks | {name: marks.get(name, at.isoformat())}})
    return before


def unmark(run: OnboardingRun, shelf: str, name: str) -> None:
    """Take a mark back: the call provably did not happen."""
    marks = {key: at for key, at in run.progress.get(shelf, {}).items() if key != name}
    remember(run, **{shelf: marks})


def set_trouble(run: OnboardingRun, advice: Guidance, at: datetime, **about: Any) -> Trouble:
    """Keep why the run stands still (or waits); `about` are further fields of `Trouble`."""
    trouble = Trouble(
        key=advice.key,
        turn=advice.turn,
        retryable=advice.retryable,
        wait=advice.wait,
        reopen=advice.reopen,
        needs_pin=advice.needs_pin,
        **about,
    )
    run.error_code = advice.key
    run.error = asdict(trouble) | {"at": at.isoformat()}
    return trouble


def clear_trouble(run: OnboardingRun) -> None:
    """Nothing stands in the way any more."""
    run.error_code, run.error = "", {}


def stop(
    session: Session,
    clock: Clock,
    run: OnboardingRun,
    key: str,
    *,
    actor: str = "hub",
    **about: Any,
) -> None:
    """Let the run wait for a person, for a reason of our own."""
    trouble = set_trouble(run, for_key(key), clock.now(), **about)
    run.status = RunStatus.STOPPED.value
    note_trouble(session, clock, run, trouble, actor=actor)


def note_trouble(
    session: Session, clock: Clock, run: OnboardingRun, trouble: Trouble, *, actor: str = "hub"
) -> None:
    """The line about a trouble, with whose turn it is."""
    note(
        session,
        clock,
        run,
        EventType.RUN_ERROR,
        actor=actor,
        key=trouble.key,
        turn=trouble.turn.value,
        step=trouble.step,
        meta_code=trouble.meta_code,
        trace_id=trouble.trace_id,
        meta_message=trouble.meta_message,
        meta_session=trouble.meta_session,
        decline_code=trouble.decline_code,
    )
