"""Mails to a partner's owners about its balance, and the durable work that sends them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import structlog
from sqlmodel import Session, col, select

from core.billing.balance.ports import Numbers
from core.billing.balance.watch import MAIL_JOB
from core.errors import GatewayError
from core.events import EventType
from core.money import MICROS
from core.partners.entities import Membership, Partner, Person, Role
from core.ports import Database, Jobs, Mail, Mailer, Steps, Tenant

log = structlog.get_logger()

# Where the button leads.
PAGE = "/billing/balance"


@dataclass(frozen=True, slots=True)
class _Text:
    subject: str
    body: str


# `{whose}` is "your credit" or "the credit of Some Client".
_TEXTS = {
    EventType.BALANCE_LOW.value: _Text(
        "Credit is low: {amount} left",
        "There are {amount} left of {whose}; you wanted to be told at {level}.\n\n"
        "Top up before it is used up, or template messages stop.",
    ),
    EventType.BALANCE_EXHAUSTED.value: _Text(
        "Credit is used up: template messages have stopped",
        "Nothing is left of {whose} ({amount}). Template messages have stopped; they go on by "
        "themselves with the next top-up.",
    ),
    EventType.CAP_REACHED.value: _Text(
        "{client} has reached its cap of {amount}",
        "{client} has used up {amount} this month, which is the cap you set. Its template messages "
        "have stopped until you raise the cap, or until next month.",
    ),
}


class BalanceMails:
    """Registers itself as the durable work `balance_mail`."""

    def __init__(
        self, database: Database, numbers: Numbers, mailer: Mailer, jobs: Jobs, base_url: str
    ) -> None:
        self._database = database
        self._numbers = numbers
        self._mailer = mailer
        self._base_url = base_url
        jobs.register(MAIL_JOB, self.work)

    def work(self, steps: Steps, partner_id: str, told: dict[str, Any]) -> None:
        """One step per owner, so that a repeat does not write to those who have their mail."""
        for email in steps.run("owners", self.owners, partner_id):
            steps.run(f"mail {email}", self.send, partner_id, told, email)

    def owners(self, partner_id: str) -> list[str]:
        """E-mail addresses of the partner's owners."""
        with self._database.reading(Tenant(partner_id)) as session:
            found = (
                select(Person.email)
                .join(Membership, col(Membership.person_id) == Person.id)
                .where(
                    Membership.partner_id == partner_id,
                    Membership.role == Role.OWNER.value,
                    col(Membership.removed_at).is_(None),
                )
            )
            return sorted(session.exec(found))

    def send(self, partner_id: str, told: dict[str, Any], email: str) -> None:
        """Handed over, or refused for good; raises Unavailable while the mail server is away."""
        with self._database.reading(Tenant(partner_id)) as session:
            mail = self._mail(session, partner_id, told, email)
        try:
            self._mailer.send(mail)
        except GatewayError as error:
            log.warning("balance_mail_refused", partner_id=partner_id, error=error.code)

    def _mail(self, session: Session, partner_id: str, told: dict[str, Any], email: str) -> Mail:
        client_id = told["client_id"]
        partner = session.get_one(Partner, partner_id)
        client = self._numbers.clients(session, partner_id, [client_id]).get(client_id, client_id)
        currency = told["currency"]
        values = {
            "amount": units(told["micros"], currency),
            "level": units(told.get("level_micros", 0), currency),
            "client": client,
            "whose": f"the credit of {client}" if client_id else "your credit",
        }
        text = _TEXTS[told["kind"]]
        return Mail(
            to=email,
            subject=text.subject.format(**values),
            text=f"{partner.brand_name}: " + text.body.format(**values),
            button_label="Open the balance",
            button_url=f"{self._base_url}{PAGE}",
            key=f"balance-{told['key']}-{email}",
        )


def units(micros: int, currency: str) -> str:
    """`EUR 12.34`, cut to cents away from nobody's favour: what is left is never overstated."""
    cents = micros * 100 // MICROS
    sign = "-" if cents < 0 else ""
    return f"{currency} {sign}{abs(cents) // 100}.{abs(cents) % 100:02}"
