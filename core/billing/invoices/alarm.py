"""A month that could not be closed is told: an event once, and a mail to the operator's staff.

The partner's figures are not wrong by this, but nobody may find out by chance that an invoice is
missing.
"""

from __future__ import annotations

import structlog
from sqlmodel import Session, col, select

from core.billing.invoices.terms import Terms
from core.billing.ledger import Payer
from core.clock import Clock
from core.errors import Conflict, GatewayError
from core.events import Event, EventType, record
from core.partners.entities import Partner, Person
from core.ports import Database, Everything, Jobs, Mail, Mailer, Steps, Tenant

log = structlog.get_logger()

ALARM_JOB = "closing_alarm"  # (partner_id, client_id, month, reason)
_STAFF = Everything("a month that was not closed: the operator's staff is told")
_SUBJECT = "{month} of {payer} is not closed"
_BODY = (
    "The month closing {month} of {payer} was refused ({reason}), so there is no invoice for it. "
    "Other partners' months are closed.\n\n"
    "The hub tries again every minute and closes it by itself once the books agree. Compare the "
    "payer's ledger with its last closing; the log says what does not agree: month_not_closed."
)


class ClosingAlarm:
    """`tell` is called at each refusal, and acts on the first one of a payer's month."""

    def __init__(
        self, database: Database, clock: Clock, jobs: Jobs, mailer: Mailer, terms: Terms
    ) -> None:
        self._database = database
        self._clock = clock
        self._jobs = jobs
        self._mailer = mailer
        self._brand = terms.brand.name
        jobs.register(ALARM_JOB, self.work)

    def tell(self, payer: Payer, month: str, refusal: Conflict) -> bool:
        """Whether it was the first time."""
        key = f"month_not_closed:{payer.partner_id}:{payer.client_id}:{month}"
        with self._database.transaction(Tenant(payer.partner_id)) as session:
            if session.exec(select(Event.id).where(Event.key == key)).first() is not None:
                return False
            record(
                session,
                self._clock,
                EventType.MONTH_NOT_CLOSED,
                partner_id=payer.partner_id,
                subject=("credit", payer.client_id or payer.partner_id),
                data={"month": month, "reason": refusal.code, "client_id": payer.client_id},
                key=key,
            )
            args = (payer.partner_id, payer.client_id, month, refusal.code)
            self._jobs.enqueue(session, ALARM_JOB, *args, key=f"{ALARM_JOB}:{key}")
            return True

    def work(self, steps: Steps, partner_id: str, client_id: str, month: str, reason: str) -> None:
        """Durable work: one step per person, so that a repeat does not write twice."""
        for email in steps.run("staff", self.staff):
            steps.run(f"mail {email}", self.send, partner_id, client_id, month, reason, email)

    def staff(self) -> list[str]:
        """Whom to write to."""
        with self._database.reading(_STAFF) as session:
            found = select(Person.email).where(col(Person.is_staff).is_(True))
            return sorted({email for email in session.exec(found) if email})

    def send(self, partner_id: str, client_id: str, month: str, reason: str, email: str) -> None:
        """Handed over, or refused for good; raises Unavailable while the mail server is away."""
        with self._database.reading(Tenant(partner_id)) as session:
            payer = _name(session, partner_id, client_id)
        values = {"month": month, "payer": payer, "reason": reason}
        try:
            self._mailer.send(
                Mail(
                    to=email,
                    subject=_SUBJECT.format(**values),
                    text=_BODY.format(**values),
                    sender_name=self._brand,
                    key=f"month-not-closed-{partner_id}-{client_id}-{month}-{email}",
                )
            )
        except GatewayError as error:
            log.warning("closing_alarm_refused", error=error.code)


def _name(session: Session, partner_id: str, client_id: str) -> str:
    name = session.get_one(Partner, partner_id).brand_name
    return f"{name} ({partner_id}), client {client_id}" if client_id else f"{name} ({partner_id})"
