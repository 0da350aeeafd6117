"""The link in the mail that takes a run up in another browser: who may have it sent, how often.

Only the client's mailbox ever gets it, so asking for it hands nothing over.
"""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session, col, select

from core.access import Permission, Principal, partner_of
from core.errors import Conflict, InvalidInput, NotFound, RateLimited
from core.events import Event, EventType
from core.onboarding import codes
from core.onboarding.entities import OnboardingRun, RunStatus
from core.onboarding.errors import UnknownRun
from core.onboarding.noting import note
from core.onboarding.room import had_before
from core.onboarding.seeing import numbers_of, row_of, ticks_of
from core.onboarding.sign_up import SignUp
from core.onboarding.views import RUN_SUBJECT, FlightEntry, RunKey, RunRecord
from core.partners.rules import normalise_email

_MAX_FLIGHT = 2000
# A second click is a mistake, not a wish for a second mail.
_RESEND_AFTER = timedelta(minutes=1)


class MailedLink(SignUp):
    """Sends it, for the partner or for the client itself."""

    def send_resume_link(self, who: Principal, run_id: str) -> RunRecord:
        """Mail the client a link to go on, good for 30 days; the link before stops working.

        Raises NotFound, Conflict (no_email, run_over), RateLimited.
        """
        with self.gate.writing(who, Permission.ACCOUNTS) as session:
            run = run_of(session, run_id)
            self._mail(session, run, actor=who.person_id)
            return self.record_of(session, who, run)

    def mail_link(self, key: RunKey) -> None:
        """The same for a browser that had the run before and wants it back.

        Raises UnknownRun, Conflict (no_email, run_over), RateLimited.
        """
        with self.writing(key.run_id) as opened:
            if not had_before(opened.run, key):
                raise UnknownRun
            self._mail(opened.session, opened.run, actor="client")

    def record_of(self, session: Session, who: Principal, run: OnboardingRun) -> RunRecord:
        """The run with its flight record."""
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

    def _mail(self, session: Session, run: OnboardingRun, *, actor: str) -> None:
        now = self.clock.now()
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
        moved_at = run.updated_at
        note(session, self.clock, run, EventType.RUN_LINK_SENT, actor=actor)
        if run.status == RunStatus.ABANDONED:
            run.updated_at = moved_at  # the client has not come back yet
        session.flush()


def run_of(session: Session, run_id: str) -> OnboardingRun:
    """A run that somebody has looked at. Raises NotFound."""
    run = session.get(OnboardingRun, run_id)
    if run is None or run.visited_at is None:
        raise NotFound
    return run


def _entry(event: Event) -> FlightEntry:
    return FlightEntry(
        id=event.id or 0, at=event.at, kind=event.type, actor=event.actor, data=dict(event.data)
    )


def _require_mailable(run: OnboardingRun) -> None:
    if run.status == RunStatus.FINISHED:
        raise Conflict(code="run_over")
    try:
        normalise_email(run.email)
    except InvalidInput as error:
        raise Conflict(code="no_email") from error
