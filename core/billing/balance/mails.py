"""Mails about a balance to the partner's owners and, where a client prepays, to the client."""

from __future__ import annotations

from typing import Any

import structlog
from sqlmodel import Session

from core.billing.balance.mail_texts import BUTTON, money_of, text_of
from core.billing.balance.ports import Addressee, Addressees
from core.billing.balance.watch import MAIL_JOB
from core.billing.ledger import Payer
from core.billing.pay_links.links import PayLinks
from core.errors import GatewayError
from core.events import EventType
from core.ports import Database, Jobs, Mail, Mailer, Steps, Tenant

log = structlog.get_logger()

# Where the button leads an owner.
PAGE = "/billing/balance"
# A cap is between the partner and its client's use: the partner alone set it and can raise it.
_FOR_OWNERS = frozenset({EventType.CAP_REACHED.value})


class BalanceMails:
    """Registers itself as the durable work `balance_mail`."""

    def __init__(
        self,
        *,
        database: Database,
        people: Addressees,
        links: PayLinks,
        mailer: Mailer,
        jobs: Jobs,
        base_url: str,
    ) -> None:
        self._database = database
        self._people = people
        self._links = links
        self._mailer = mailer
        self._base_url = base_url
        jobs.register(MAIL_JOB, self.work)

    def work(self, steps: Steps, partner_id: str, told: dict[str, Any]) -> None:
        """One step per person, so that a repeat does not write to those who have their mail."""
        for client_id, email, language in steps.run("people", self.people, partner_id, told):
            step = f"mail {client_id} {email}"
            steps.run(step, self.send, partner_id, told, [client_id, email, language])

    def people(self, partner_id: str, told: dict[str, Any]) -> list[list[str]]:
        """Whom to write: client id ('' for an owner), address, language."""
        clients = [""]
        with self._database.reading(Tenant(partner_id)) as session:
            if told["client_id"] and told["kind"] not in _FOR_OWNERS:
                clients.append(told["client_id"])
            return [
                [client_id, email, language]
                for client_id in clients
                for email, language in self._addressee(session, partner_id, client_id).people
            ]

    def send(self, partner_id: str, told: dict[str, Any], person: list[str]) -> None:
        """Handed over, or refused for good; raises Unavailable while the mail server is away."""
        with self._database.transaction(Tenant(partner_id)) as session:
            mail = self._mail(session, partner_id, told, person)
        try:
            self._mailer.send(mail)
        except GatewayError as error:
            log.warning("balance_mail_refused", partner_id=partner_id, error=error.code)

    def _mail(
        self, session: Session, partner_id: str, told: dict[str, Any], person: list[str]
    ) -> Mail:
        to_client, email, language = person
        whose = self._addressee(session, partner_id, told["client_id"])
        currency, url = told["currency"], f"{self._base_url}{PAGE}"
        if told["client_id"]:
            url += f"?client={told['client_id']}"
        if to_client:
            payer = Payer(partner_id=partner_id, client_id=to_client)
            url = self._links.url(session, payer, f"balance:{told['key']}")
        values = {
            "amount": money_of(told["micros"], currency, language),
            "level": money_of(told.get("level_micros", 0), currency, language),
            "name": whose.name,
        }
        text = text_of(told["kind"], language)
        return Mail(
            to=email,
            subject=text.subject.format(**values),
            text=text.body.format(**values),
            sender_name=whose.brand if to_client else "",
            button_label=BUTTON.get(language) or BUTTON["en"],
            button_url=url,
            language=language,
            key=f"balance-{told['key']}-{to_client}-{email}",
        )

    def _addressee(self, session: Session, partner_id: str, client_id: str) -> Addressee:
        return self._people.contact(session, Payer(partner_id=partner_id, client_id=client_id))
