"""Switches off an endpoint that is gone or only fails; its partner's owners hear of it by mail."""

from __future__ import annotations

from urllib.parse import urlsplit

import structlog
from sqlmodel import Session

from core.clock import Clock
from core.errors import GatewayError, InvalidInput
from core.events import EventType, record
from core.integration.outbound.endpoint_views import skip_waiting
from core.integration.outbound.entities import WebhookEndpoint
from core.integration.outbound.mail_texts import BUTTON, text_of
from core.partners.members import owner_languages
from core.ports import Database, Jobs, Mail, Mailer, Steps, Tenant

log = structlog.get_logger()

MAIL_JOB = "webhook_off_mail"
PAGE = "/integration"


class SwitchingOff:
    """Registers itself as the durable work `webhook_off_mail`."""

    def __init__(
        self, *, database: Database, clock: Clock, jobs: Jobs, mailer: Mailer, base_url: str
    ) -> None:
        self._database = database
        self._clock = clock
        self._jobs = jobs
        self._mailer = mailer
        self._base_url = base_url
        jobs.register(MAIL_JOB, self.work)

    def switch_off(self, session: Session, endpoint_id: str, reason: str) -> None:
        """Nothing is sent there any more, in the caller's transaction; the endpoint is locked."""
        now = self._clock.now()
        endpoint = session.get_one(WebhookEndpoint, endpoint_id, populate_existing=True)
        endpoint.off_at, endpoint.off_reason = now, reason
        skip_waiting(session, endpoint_id, now)
        record(
            session,
            self._clock,
            EventType.WEBHOOK_OFF,
            partner_id=endpoint.partner_id,
            subject=("webhook_endpoint", endpoint_id),
            data={"reason": reason, "is_main": endpoint.is_main},
        )
        session.flush()
        key = f"{MAIL_JOB}:{endpoint_id}:{now.isoformat()}"
        host = urlsplit(endpoint.url).netloc
        place = f"{host} ({endpoint.name})" if endpoint.channel_id else host
        told = (endpoint.partner_id, place, reason, key, endpoint_id)
        self._jobs.enqueue(session, MAIL_JOB, *told, key=key)

    def work(  # noqa: PLR0917  as jobs are enqueued
        self,
        steps: Steps,
        partner_id: str,
        host: str,
        reason: str,
        key: str,
        endpoint_id: str = "",
    ) -> None:
        """One step per person, so that a repeat does not write to those who have their mail.

        `endpoint_id` is missing in what was enqueued before numbers had webhooks.
        """
        page = f"{PAGE}/webhooks?endpoint={endpoint_id}" if endpoint_id else PAGE
        for email, language in steps.run("owners", self.owners, partner_id):
            steps.run(f"mail {email}", self.send, email, language, host, reason, key, page)

    def owners(self, partner_id: str) -> list[list[str]]:
        """Address and language of whoever may switch it on again."""
        with self._database.reading(Tenant(partner_id)) as session:
            return [list(owner) for owner in owner_languages(session, partner_id).items()]

    def send(  # noqa: PLR0917  a step's arguments
        self, email: str, language: str, host: str, reason: str, key: str, page: str = PAGE
    ) -> None:
        """Handed over, or refused for good; raises Unavailable while the mail server is away."""
        text = text_of(reason, language)
        mail = Mail(
            to=email,
            subject=text.subject.format(host=host),
            text=text.body.format(host=host),
            button_label=BUTTON.get(language) or BUTTON["en"],
            button_url=f"{self._base_url}{page}",
            language=language,
            key=f"{key}:{email}",
        )
        try:
            self._mailer.send(mail)
        except (GatewayError, InvalidInput) as error:
            log.warning("webhook_mail_refused", code=error.code)
