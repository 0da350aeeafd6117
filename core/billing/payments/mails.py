"""The durable work that sends mails about payments to whom they concern."""

from __future__ import annotations

from datetime import UTC, date, datetime

import structlog
from sqlmodel import Session

from core.billing.ledger import Payer
from core.billing.payments.mail_texts import (
    amount_in_words,
    day_in_words,
    moment_in_words,
    path_of,
    text_of,
)
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
        with self._room.writing(partner_id) as session:
            contact = self._room.payers.contact(session, payer)
            url = self._url(session, kind, payer, key, values)
        mails = [_mail(kind, person, contact, url, key, values) for person in contact.people]
        return all([self._hand_over(mail) for mail in mails])

    def _url(self, session: Session, kind: str, payer: Payer, key: str, values: Values) -> str:
        """A client has no dashboard: it is led to its own page."""
        if payer.client_id:
            return self._room.links.url(session, payer, key)
        return self._room.settings.base_url + path_of(kind).format(**values)

    def _hand_over(self, mail: Mail) -> bool:
        try:
            self._room.mailer.send(mail)
        except Unavailable:
            return False
        except (GatewayError, InvalidInput) as error:
            log.warning("payment_mail_refused", code=error.code)
        return True


def _mail(  # noqa: PLR0917  what a mail is made of
    kind: str, person: tuple[str, str], contact: Contact, url: str, key: str, values: Values
) -> Mail:
    to, language = person
    text = text_of(kind, language)
    told = {name: str(value) for name, value in values.items()}
    if "micros" in values:
        told["amount"] = amount_in_words(Money(int(values["micros"]), contact.currency), language)
    if "next" in values:
        moment = datetime.fromisoformat(str(values["next"])).replace(tzinfo=UTC)
        told["next"] = moment_in_words(moment, language)
    if "day" in values:
        told["day"] = day_in_words(date.fromisoformat(str(values["day"])), language)
    told |= {"brand": contact.brand, "name": contact.name}
    return Mail(
        to=to,
        subject=text.subject.format(**told),
        text=text.body.format(**told),
        sender_name=contact.brand if contact.is_client else "",
        button_label=text.button,
        button_url=url,
        language=language,
        key=f"{key}:{to}",
    )
