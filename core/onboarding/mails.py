"""The mails of an onboarding in four languages, and the durable work that sends them.

Code and link travel sealed through the job and stand nowhere else in the clear but in the mail.
"""

from __future__ import annotations

import structlog

from core.errors import GatewayError, InvalidInput, Unavailable
from core.onboarding import codes
from core.onboarding.mail_texts import text_of
from core.onboarding.room import MAIL_JOB, Room, run_context
from core.ports import Mail, Steps

log = structlog.get_logger()

# Under which path the pages take up a mailed link: `{RESUME_PATH}/{token}`.
RESUME_PATH = "/onboarding/resume"
# *Seconds*; a mail server that is down for longer has lost the client's patience anyway.
_WAITS = (1.0, 5.0, 30.0, 120.0, 600.0)


class Mailing:
    """Registered as the durable work `onboarding_mail`."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def work(self, steps: Steps, run_id: str, kind: str, sealed: str, tries: int = 0) -> None:
        """Hand the mail over; later again while the mail server does not take it."""
        steps.run("send", self._send_or_later, run_id, kind, sealed, tries)

    def _send_or_later(self, run_id: str, kind: str, sealed: str, tries: int) -> bool:
        if self.send(run_id, kind, sealed):
            return True
        if tries < len(_WAITS):
            key = f"{MAIL_JOB}:{run_id}:{codes.digest(sealed)[:16]}:{tries + 1}"
            args = (run_id, kind, sealed, tries + 1)
            with self._room.writing(run_id) as opened:
                self._room.jobs.enqueue(
                    opened.session, MAIL_JOB, *args, key=key, delay=_WAITS[tries]
                )
        return False

    def send(self, run_id: str, kind: str, sealed: str) -> bool:
        """True when the mail server took it. The same mail has the same Message-ID (`key`)."""
        room = self._room
        try:
            with room.reading(run_id) as opened:
                run, partner = opened.run, opened.partner
            opened_text = room.vault.open(sealed, context=run_context(run_id, "mail"))
            code, _, token = opened_text.partition(" ")
            text = text_of(kind, run.language)
            values = {"brand": partner.brand_name, "code": code, "name": run.full_name}
            room.mailer.send(
                Mail(
                    to=run.email,
                    subject=text.subject.format(**values),
                    text=text.body.format(**values),
                    sender_name=partner.brand_name,
                    button_label=text.button,
                    button_url=f"{room.settings.base_url}{RESUME_PATH}/{token}",
                    language=run.language,
                    key=f"onboarding-{run_id}-{codes.digest(token)[:16]}",
                )
            )
        except Unavailable:
            return False
        except (GatewayError, InvalidInput) as error:
            # The mailbox does not exist: nobody can do anything but the client, who sees nothing
            # arrive and types the address again.
            log.warning("onboarding_mail_refused", run_id=run_id, error=error.code)
        return True
