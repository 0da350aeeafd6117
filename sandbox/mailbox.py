"""A real SMTP server that keeps every mail instead of delivering it.

It can be told to refuse, so that the hub's retries can be seen. Mails live in memory until
they are deleted or the sandbox is reset.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Literal

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from pydantic import BaseModel, ConfigDict, Field

from sandbox.clock import SandboxClock
from sandbox.mail import Mail, read_mail
from sandbox.waiting import Arrivals

KEPT_MAILS = 2_000


class Refusal(BaseModel):
    """Refuse the next *times* mails (for ever when left out) at RCPT or after DATA."""

    model_config = ConfigDict(extra="forbid")

    status: int = Field(ge=400, le=599)
    text: str = Field(default="refused on request", pattern=r"^[ -~]*$")
    stage: Literal["rcpt", "data"] = "data"
    times: int | None = Field(default=None, ge=1)


class Mailbox:
    """All mails that arrived, newest last."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._mails: list[Mail] = []
        self._count = 0
        self._refusal: Refusal | None = None
        self._arrivals = Arrivals()

    @property
    def refusal(self) -> Refusal | None:
        return self._refusal

    def refuse(self, refusal: Refusal | None) -> None:
        self._refusal = refusal

    def reset(self) -> None:
        self._mails.clear()
        self._refusal = None

    def mails(self, to: str = "") -> list[Mail]:
        """Newest first; with *to* only those that were sent to this address."""
        found = [mail for mail in self._mails if mail.was_sent_to(to)]
        return found[::-1]

    def mail(self, mail_id: int) -> Mail | None:
        return next((mail for mail in self._mails if mail.id == mail_id), None)

    def delete(self, to: str = "") -> int:
        kept = [mail for mail in self._mails if not mail.was_sent_to(to)]
        deleted = len(self._mails) - len(kept)
        self._mails = kept
        return deleted

    async def keep(self, sender: str, recipients: list[str], raw: bytes) -> Mail:
        self._count += 1
        mail = read_mail(self._count, sender, recipients, raw, self._clock.now())
        self._mails.append(mail)
        del self._mails[:-KEPT_MAILS]
        await self._arrivals.announce()
        return mail

    async def wait_for(self, to: str, at_least: int, seconds: float) -> None:
        await self._arrivals.wait_until(lambda: len(self.mails(to)) >= at_least, seconds)

    def use_refusal(self, stage: str) -> str | None:
        """The SMTP answer of a refusal at this stage, or None when the mail is welcome."""
        refusal = self._refusal
        if refusal is None or refusal.stage != stage:
            return None
        if refusal.times is not None:
            left = refusal.times - 1
            self._refusal = refusal.model_copy(update={"times": left}) if left else None
        return f"{refusal.status} {refusal.text}"


class MailDoor:
    """The SMTP conversation, in the names that aiosmtpd looks for."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_RCPT(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        rcpt_options: list[str],
    ) -> str:
        refused = self._mailbox.use_refusal("rcpt")
        if refused is not None:
            return refused
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        refused = self._mailbox.use_refusal("data")
        if refused is not None:
            return refused
        raw = envelope.original_content or b""
        mail = await self._mailbox.keep(envelope.mail_from or "", list(envelope.rcpt_tos), raw)
        return f"250 Kept as mail {mail.id}"


class MailServer:
    """Listens on the given hosts while the sandbox runs; `port` is the real one, also for 0."""

    def __init__(self, mailbox: Mailbox, hosts: list[str], port: int) -> None:
        self._door = MailDoor(mailbox)
        # With port 0 the second address would get another number.
        self._hosts = hosts if port else hosts[:1]
        self.port = port
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            self._conversation(loop), host=self._hosts, port=self.port
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def _conversation(self, loop: asyncio.AbstractEventLoop) -> Callable[[], SMTP]:
        def converse() -> SMTP:
            return SMTP(
                self._door,
                hostname="sandbox.localhost",
                ident="Partner Hub sandbox",
                enable_SMTPUTF8=True,
                auth_require_tls=False,
                authenticator=_let_everybody_in,
                loop=loop,
            )

        return converse


def _let_everybody_in(*_: Any) -> AuthResult:
    """Any name and password: the hub's mail settings can stay as in production."""
    return AuthResult(success=True)
