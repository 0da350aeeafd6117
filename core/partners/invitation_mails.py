"""Mails an invitation with its link; durable work that begins in the transaction of the invitation.

What waits in the queue names the row and the mail's number only: no address and no link lie there.
"""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlmodel import Session

from core.clock import Clock
from core.errors import GatewayError, InvalidInput
from core.partners.entities import Invitation, Partner, Person
from core.partners.invitation_links import InvitationLinks
from core.partners.invitation_rules import InvitationState, state_of
from core.partners.invitation_texts import body_of, text_in
from core.ports import Database, Jobs, Mail, Mailer, Steps, Tenant
from core.settings import Settings

log = structlog.get_logger()

MAIL_JOB = "invitation_mail"


class InvitationMails:
    """Registers itself as the durable work `invitation_mail`."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        jobs: Jobs,
        mailer: Mailer,
        links: InvitationLinks,
        settings: Settings,
    ) -> None:
        self._database = database
        self._clock = clock
        self._jobs = jobs
        self._mailer = mailer
        self._links = links
        self._hub = settings.name
        self._lifetime = settings.invitation_lifetime
        jobs.register(MAIL_JOB, self.work)

    def enqueue(self, session: Session, invitation: Invitation) -> None:
        """The newest mail is on its way once the caller commits."""
        told = (invitation.partner_id, invitation.id, invitation.times_sent)
        self._jobs.enqueue(session, MAIL_JOB, *told, key=f"{MAIL_JOB}:{told[1]}:{told[2]}")

    def work(self, steps: Steps, partner_id: str, invitation_id: str, number: int) -> None:
        steps.run("send", self.send, partner_id, invitation_id, number)

    def send(self, partner_id: str, invitation_id: str, number: int) -> None:
        """Handed over, or refused for good; nothing for one that is open no more, or that a newer
        mail has followed. Raises Unavailable while the mail server is away."""
        with self._database.transaction(Tenant(partner_id)) as session:
            mail = self._mail(session, invitation_id, number)
        if mail is None:
            return
        try:
            self._mailer.send(mail)
        except (GatewayError, InvalidInput) as error:
            log.warning("invitation_mail_refused", code=error.code)

    def _mail(self, session: Session, invitation_id: str, number: int) -> Mail | None:
        invitation = session.get(Invitation, invitation_id)
        if invitation is None or invitation.times_sent != number:
            return None
        if state_of(invitation, self._clock.now()) is not InvitationState.OPEN:
            return None
        partner = session.get_one(Partner, invitation.partner_id)
        inviter = session.get(Person, invitation.invited_by)
        language = str(inviter.preferences.get("language", "en")) if inviter else "en"
        text = text_in(language)
        values: dict[str, str | int] = {
            "hub": self._hub,
            "partner": partner.brand_name,
            "inviter": inviter.name if inviter else "",
            "name": invitation.name or invitation.email,
            "role": text.roles[invitation.role],
            "days": self._lifetime // timedelta(days=1),
        }
        url = self._links.url(invitation)
        session.add(invitation)
        return Mail(
            to=invitation.email,
            subject=text.subject.format(**values),
            text=body_of(text, values),
            button_label=text.button,
            button_url=url,
            language=language,
            key=f"{MAIL_JOB}:{invitation.id}:{number}",
        )
