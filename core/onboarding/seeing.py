"""Makes the views of a run from its rows; reads only, decides nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from core.accounts.entities import Channel, ConsentState
from core.onboarding import codes
from core.onboarding.allowance import no_room
from core.onboarding.entities import OnboardingRun, RunStatus, RunStep
from core.onboarding.launch import launch_values
from core.onboarding.paying import (
    credit_of,
    has_bad_vat_id,
    newest_card,
    pays_itself,
    stage_of,
)
from core.onboarding.redirects import exit_url, origin_of
from core.onboarding.steps import people_steps, server_steps, tasks
from core.onboarding.views import (
    Brand,
    Number,
    RunRow,
    RunView,
    Tick,
    TickState,
    Trouble,
    Turn,
)
from core.partners.entities import Partner
from core.settings import Settings

OVER = (RunStatus.FINISHED, RunStatus.ABANDONED)


def brand_of(partner: Partner) -> Brand:
    """The partner as clients see it."""
    return Brand(
        partner_id=partner.id,
        name=partner.brand_name,
        logo_hash=partner.logo_hash,
        color=partner.brand_color,
    )


def view_of(
    session: Session, run: OnboardingRun, partner: Partner, settings: Settings, now: datetime
) -> RunView:
    """The run as the client's page draws it."""
    direct_paid = pays_itself(partner)
    numbers = numbers_of(session, run)
    trouble = trouble_of(run, now)
    step = RunStep(run.step)
    counted = people_steps(direct_paid=direct_paid)
    stage = stage_of(session, run, partner, settings.terms_version, now)
    may_open = may_launch(run) and stage is None
    full = no_room(session, run, partner) if may_open else ""
    card = newest_card(session, run, now) if direct_paid else None
    return RunView(
        run_id=run.id,
        brand=brand_of(partner),
        language=run.language,
        step=step,
        status=RunStatus(run.status),
        step_number=1 + counted.index(RunStep.SIGN_UP if step is RunStep.CODE else step),
        step_count=len(counted),
        logs_in=bool(run.link.get("logs_in")),
        company=run.company,
        full_name=run.full_name,
        email=run.email,
        number_hint=run.number_hint,
        code_tries_left=max(0, codes.MAX_TRIES - run.code_tries),
        codes_left=max(0, codes.MAX_CODES - run.codes_sent),
        code_expires_at=run.code_expires_at if step is RunStep.CODE else None,
        launch=launch_values(run, partner, settings) if may_open and not full else None,
        no_room=full,
        popup_opened=run.signup_at is not None,
        ticks=ticks_of(run, partner),
        trouble=trouble,
        numbers=numbers,
        tasks=_tasks(run),
        asks_permission=direct_paid,
        redirects_to=origin_of(run.redirect_url) or "" if run.redirect_url else "",
        exit_url=exit_of(run) if step is RunStep.DONE else None,
        updated_at=run.updated_at,
        pay_stage=stage,
        card=card.last4 if card else "",
        card_visited=bool(run.card_visit),
        has_bad_vat_id=direct_paid and has_bad_vat_id(session, run),
        credit=credit_of(session, run),
    )


def row_of(run: OnboardingRun, now: datetime) -> RunRow:
    """The run in the partner's list."""
    return RunRow(
        run_id=run.id,
        company=run.company,
        full_name=run.full_name,
        email=run.email,
        client_id=run.client_id,
        number_hint=run.number_hint,
        step=RunStep(run.step),
        status=RunStatus(run.status),
        turn=_turn(run, trouble_of(run, now)),
        trouble=trouble_of(run, now),
        channel_ids=tuple(run.channel_ids),
        started_at=run.created_at,
        updated_at=run.updated_at,
        finished_at=run.finished_at,
        may_resume=bool(run.email) and run.status != RunStatus.FINISHED,
    )


def may_launch(run: OnboardingRun) -> bool:
    """Whether Meta's popup may be opened (again) now."""
    if run.status in OVER:
        return False
    waits = run.step == RunStep.REGISTER and run.status == RunStatus.STOPPED
    return run.step == RunStep.META or waits


def exit_of(run: OnboardingRun) -> str | None:
    """The exact exit, by the redirect URL that was frozen at the start."""
    if not run.redirect_url:
        return None
    return exit_url(
        run.redirect_url,
        client_id=run.client_id or "",
        channels=run.granted_ids,
        revoked=run.revoked_ids,
        state=run.state,
    )


def ticks_of(run: OnboardingRun, partner: Partner) -> tuple[Tick, ...]:
    """The server steps of this run's ending; the first that is missing is under way."""
    ticks: list[Tick] = []
    current = TickState.NOW if run.status == RunStatus.WORKING else TickState.WAITING
    if run.status == RunStatus.STOPPED and run.step == RunStep.REGISTER:
        current = TickState.FAILED
    for step in server_steps(run.ending, region=partner.region_default):
        done = run.progress.get(step)
        if done:
            ticks.append(
                Tick(name=step, state=TickState.DONE, at=datetime.fromisoformat(str(done)))
            )
            continue
        ticks.append(Tick(name=step, state=current))
        current = TickState.WAITING
    return tuple(ticks)


def trouble_of(run: OnboardingRun, now: datetime) -> Trouble | None:
    """Why the run stands still; `wait` counts down."""
    if not run.error_code:
        return None
    kept: dict[str, Any] = dict(run.error)
    since = datetime.fromisoformat(kept.pop("at"))
    left = since + timedelta(seconds=kept.pop("wait")) - now
    turn = Turn(kept.pop("turn"))
    return Trouble(turn=turn, wait=max(0, round(left.total_seconds())), **kept)


def numbers_of(session: Session, run: OnboardingRun) -> tuple[Number, ...]:
    """The numbers that the run brought, in the order they were taken."""
    rows = session.exec(select(Channel).where(col(Channel.id).in_(run.channel_ids))).all()
    found = {channel.id: channel for channel in rows}
    return tuple(_number(found[id_]) for id_ in run.channel_ids if id_ in found)


def _number(channel: Channel) -> Number:
    return Number(
        channel_id=channel.id,
        display=channel.display_phone_number or channel.phone_number,
        name=channel.name,
        granted=channel.consent == ConsentState.GRANTED,
        live=channel.live_at is not None,
        coexistence=channel.is_on_biz_app,
    )


def _tasks(run: OnboardingRun) -> tuple[str, ...]:
    over = run.step in (RunStep.PERMISSION, RunStep.DONE)
    return tasks(run.ending, run.channel_ids, over=over)


def _turn(run: OnboardingRun, trouble: Trouble | None) -> Turn:
    if run.status in OVER:
        return Turn.NOBODY
    if trouble is not None:
        return trouble.turn
    return Turn.META if run.status == RunStatus.WORKING else Turn.CLIENT
