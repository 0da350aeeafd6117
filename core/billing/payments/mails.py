"""The durable work that sends mails about payments to whom they concern."""

from __future__ import annotations

import structlog

from core.billing.ledger import Payer
from core.billing.payments.mail_texts import TEXTS, Text, amount_in_words
from core.billing.payments.ports import Contact
from core.billing.payments.room import MAIL_JOB, Room
from core.errors import GatewayError, InvalidInput, Unavailable
from core.money import Money
from core.ports import Mail, Steps

log = structlog.get_logger()

# *Seconds*; after a day in vain the news is old, and it stands in the hub anyway.
_WAITS = (10, 60, 600, 3600, 6 * 3600, 24 * 3600)

Values = dict[str, str | int]


class Mailing:
    """Registered as the durable work `payment_mail`."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def work(  # noqa: PLR0917  a job's arguments are a list
        self,
        steps: Steps,
        kind: str,
        partner_id: str,
        client_id: str,
        key: str,
        values: Values,
        tries: int = 0,
    ) -> None:
        """One mail per recipient; later again while the mail server does not take them."""
        if steps.run("send", self.send, kind, partner_id, client_id, key, values):
            return
        if tries < len(_WAITS):
            again = (kind, partner_id, client_id, key, values, tries + 1)
            wait, next_key = _WAITS[tries], f"{MAIL_JOB}:{key}:{tries + 1}"
            with self._room.writing(partner_id) as session:
                self._room.jobs.enqueue(session, MAIL_JOB, *again, key=next_key, delay=wait)

    def send(self, kind: str, partner_id: str, client_id: str, key: str, values: Values) -> bool:
        """True when the mail server took all of them; a repeat has the same Message-ID."""
        payer = Payer(partner_id=partner_id, client_id=client_id)
        with self._room.reading(partner_id) as session:
            contact = self._room.payers.contact(session, payer)
        mails = [self._mail(kind, to, contact, key, values) for to in contact.emails]
        return all([self._hand_over(mail) for mail in mails])

    def _mail(self, kind: str, to: str, contact: Contact, key: str, values: Values) -> Mail:
        text: Text = TEXTS[kind]
        told = {name: str(value) for name, value in values.items()}
        if "micros" in values:
            money = Money(int(values["micros"]), contact.currency)
            told["amount"] = amount_in_words(money)
        told["brand"] = contact.brand
        return Mail(
            to=to,
            subject=text.subject.format(**told),
            text=text.body.format(**told),
            sender_name=contact.brand if contact.is_client else "",
            button_label=text.button,
            button_url=self._room.settings.base_url + text.path.format(**told),
            key=f"{key}:{to}",
        )

    def _hand_over(self, mail: Mail) -> bool:
        try:
            self._room.mailer.send(mail)
        except Unavailable:
            return False
        except (GatewayError, InvalidInput) as error:
            log.warning("payment_mail_refused", code=error.code)
        return True
