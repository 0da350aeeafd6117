"""The partner's side: its runs with where each stands, the mailed link, its own link."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, or_
from sqlmodel import Session, col, func, select

from core.access import Permission, Principal, partner_of
from core.errors import Conflict, InvalidInput, NotFound, RateLimited
from core.events import Event, EventType
from core.onboarding import codes
from core.onboarding.entities import OnboardingRun, RunStatus
from core.onboarding.entry import partner_faults, takes_no_cards
from core.onboarding.noting import note
from core.onboarding.seeing import numbers_of, row_of, ticks_of
from core.onboarding.sign_up import SignUp
from core.onboarding.views import (
    RUN_SUBJECT,
    FlightEntry,
    LinkState,
    RunPage,
    RunRecord,
)
from core.partners.rules import normalise_email

_MAX_ROWS = 200
_MAX_FLIGHT = 2000
# A second click is a mistake, not a wish for a second mail.
_RESEND_AFTER = timedelta(minutes=1)


class PartnerSide(SignUp):
    """Verbs for people of the partner; owners and members alike."""

    def runs(
        self,
        who: Principal,
        *,
        status: str = "",
        search: str = "",
        cursor: str = "",
        limit: int = 50,
    ) -> RunPage:
        """The partner's runs, newest movement first. Raises InvalidInput for a foreign cursor."""
        limit = max(1, min(limit, _MAX_ROWS))
        query = select(OnboardingRun).order_by(
            col(OnboardingRun.updated_at).desc(), col(OnboardingRun.id).desc()
        )
        if status:
            query = query.where(OnboardingRun.status == status)
        if search:
            columns = (OnboardingRun.company, OnboardingRun.full_name, OnboardingRun.email)
            text = search.lower()
            query = query.where(
                or_(*(func.lower(column).contains(text, autoescape=True) for column in columns))
            )
        if cursor:
            at, id_ = _read_cursor(cursor)
            same = and_(col(OnboardingRun.updated_at) == at, col(OnboardingRun.id) < id_)
            query = query.where(or_(col(OnboardingRun.updated_at) < at, same))
        with self.gate.reading(who, Permission.ACCOUNTS) as session:
            found = session.exec(query.limit(limit + 1)).all()
        now = self.clock.now()
        more = len(found) > limit
        return RunPage(
            rows=tuple(row_of(run, now) for run in found[:limit]),
            next_cursor=_cursor(found[limit - 1]) if more else "",
        )

    def run(self, who: Principal, run_id: str) -> RunRecord:
        """One run with its flight record. Raises NotFound."""
        with self.gate.reading(who, Permission.ACCOUNTS) as session:
            return self._record(session, who, _run(session, run_id))

    def send_resume_link(self, who: Principal, run_id: str) -> RunRecord:
        """Mail the client a link to go on, good for 30 days; the link before stops working.

        Raises NotFound, Conflict (no_email, run_over), RateLimited.
        """
        with self.gate.writing(who, Permission.ACCOUNTS) as session:
            run, now = _run(session, run_id), self.clock.now()
            _require_mailable(run)
            lifetime = self.settings.onboarding_link_lifetime
            if run.resume_expires_at is not None:
                left = run.resume_expires_at - lifetime + _RESEND_AFTER - now
                if left > timedelta():
                    raise RateLimited(retry_after=max(1, round(left.total_seconds())))
            token = codes.new_secret()
            run.resume_hash = codes.digest("resume", token)
            run.resume_expires_at = now + lifetime
            self.enqueue_mail(session, run, "resume", token=token)
            note(session, self.clock, run, EventType.RUN_LINK_SENT, actor=who.person_id)
            session.flush()
            return self._record(session, who, run)

    def link_state(self, who: Principal) -> LinkState:
        """The direct link, or why there is none."""
        with self.gate.reading(who, Permission.ACCOUNTS) as session:
            partner = partner_of(session, who)
            reasons = partner_faults(partner)
            if not partner.solution_id:
                reasons = [r.replace("solution_inactive", "solution_missing") for r in reasons]
            if takes_no_cards(partner):
                reasons.append("direct_paid_not_yet")
            return LinkState(
                url=f"{self.settings.base_url}/onboarding/{partner.id}",
                reasons=tuple(reasons),
                warnings=() if partner.redirect_url else ("no_redirect_url",),
            )

    def _record(self, session: Session, who: Principal, run: OnboardingRun) -> RunRecord:
        events = session.exec(
            select(Event)
            .where(
                Event.partner_id == run.partner_id,
                Event.subject_type == RUN_SUBJECT,
                Event.subject_id == run.id,
            )
            .order_by(col(Event.id))
            .limit(_MAX_FLIGHT)
        ).all()
        return RunRecord(
            row=row_of(run, self.clock.now()),
            ticks=ticks_of(run, partner_of(session, who)),
            numbers=numbers_of(session, run),
            flight=tuple(_entry(event) for event in events),
        )


def _entry(event: Event) -> FlightEntry:
    return FlightEntry(
        id=event.id or 0, at=event.at, kind=event.type, actor=event.actor, data=dict(event.data)
    )


def _run(session: Session, run_id: str) -> OnboardingRun:
    run = session.get(OnboardingRun, run_id)
    if run is None:
        raise NotFound
    return run


def _require_mailable(run: OnboardingRun) -> None:
    if run.status == RunStatus.FINISHED:
        raise Conflict(code="run_over")
    try:
        normalise_email(run.email)
    except InvalidInput as error:
        raise Conflict(code="no_email") from error


def _cursor(run: OnboardingRun) -> str:
    return f"{run.updated_at.isoformat()}~{run.id}"


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    at, _, id_ = cursor.partition("~")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError as error:
        raise InvalidInput(field="cursor") from error
    if moment.tzinfo is None:
        raise InvalidInput(field="cursor")
    return moment, id_
