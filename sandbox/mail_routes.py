"""The mailbox as JSON for tests (`/control/mail`) and as pages for people (`/mail`)."""

from typing import Any

from fastapi import APIRouter, HTTPException, Response

from sandbox.html import page, text
from sandbox.mail import Mail
from sandbox.mailbox import Mailbox, Refusal


class MailRoutes:
    """Reading, deleting and refusing mail."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    def router(self) -> APIRouter:
        router = APIRouter(tags=["mail"])
        router.get("/control/mail")(self.read)
        router.delete("/control/mail")(self.delete)
        router.get("/control/mail/behaviour")(self.behaviour)
        router.post("/control/mail/behaviour")(self.behave)
        router.delete("/control/mail/behaviour")(self.accept_again)
        router.get("/control/mail/{mail_id}")(self.one)
        router.get("/control/mail/{mail_id}/raw")(self.raw)
        router.get("/control/mail/{mail_id}/attachments/{index}")(self.attachment)
        router.get("/mail")(self.list_page)
        router.get("/mail/{mail_id}")(self.mail_page)
        return router

    async def read(
        self, to: str = "", at_least: int = 0, wait_seconds: float = 0
    ) -> dict[str, Any]:
        await self._mailbox.wait_for(to, at_least, wait_seconds)
        mails = [mail.as_json() for mail in self._mailbox.mails(to)]
        return {"count": len(mails), "mails": mails}

    async def delete(self, to: str = "") -> dict[str, Any]:
        return {"deleted": self._mailbox.delete(to)}

    async def behaviour(self) -> dict[str, Any]:
        return {"refusal": self._mailbox.refusal}

    async def behave(self, refusal: Refusal) -> dict[str, Any]:
        self._mailbox.refuse(refusal)
        return await self.behaviour()

    async def accept_again(self) -> dict[str, Any]:
        self._mailbox.refuse(None)
        return await self.behaviour()

    async def one(self, mail_id: int) -> dict[str, Any]:
        return self._mail(mail_id).as_json()

    async def raw(self, mail_id: int) -> Response:
        # As plain bytes: a browser must not make a page of somebody's mail.
        return _download(self._mail(mail_id).raw, f"mail-{mail_id}.eml")

    async def attachment(self, mail_id: int, index: int) -> Response:
        attachments = self._mail(mail_id).attachments
        if not 0 <= index < len(attachments):
            raise HTTPException(404, "No such attachment")
        return _download(attachments[index].content, f"mail-{mail_id}-attachment-{index}")

    async def list_page(self, to: str = "") -> Response:
        rows = "".join(_row(mail) for mail in self._mailbox.mails(to))
        table = (
            '<div class="scroll"><table><thead><tr><th scope="col">Subject</th>'
            '<th scope="col">To</th><th scope="col">Arrived</th></tr></thead>'
            f"<tbody>{rows}</tbody></table></div>"
        )
        empty = "<p>No mail has arrived yet. What the hub sends shows up here.</p>"
        body = f'<p><a href="/">Sandbox</a></p><h1>Mail</h1>{table if rows else empty}'
        return page("Mail · Sandbox", body, wide=True)

    async def mail_page(self, mail_id: int) -> Response:
        mail = self._mail(mail_id)
        body = (
            f'<p><a href="/mail">All mail</a></p><h1>{text(_subject(mail))}</h1>'
            f"{_facts(mail)}{_link_list(mail)}{_attachment_list(mail)}{_content(mail)}"
        )
        return page(f"{_subject(mail)} · Sandbox mail", body, wide=True)

    def _mail(self, mail_id: int) -> Mail:
        mail = self._mailbox.mail(mail_id)
        if mail is None:
            raise HTTPException(404, "No such mail")
        return mail


def _subject(mail: Mail) -> str:
    return mail.header("Subject") or "(no subject)"


def _row(mail: Mail) -> str:
    return (
        f'<tr><td><a href="/mail/{mail.id}">{text(_subject(mail))}</a></td>'
        f"<td>{text(', '.join(mail.to))}</td><td>{_time(mail)}</td></tr>"
    )


def _facts(mail: Mail) -> str:
    facts = {
        "From": text(mail.header("From") or mail.envelope_from),
        "To": text(", ".join(mail.to)),
        "Arrived": _time(mail),
    }
    return "<dl>" + "".join(f"<dt>{k}</dt><dd>{v}</dd>" for k, v in facts.items()) + "</dl>"


def _time(mail: Mail) -> str:
    return f"{mail.received_at:%Y-%m-%d %H:%M:%S} UTC"


def _link_list(mail: Mail) -> str:
    """The mail's links as our own: inside the frame nothing can be clicked."""
    if not mail.links:
        return ""
    items = "".join(
        f'<li><a href="{text(link)}" rel="noopener noreferrer">{text(link)}</a></li>'
        for link in mail.links
    )
    return f'<section class="card"><h2>Links</h2><ul data-testid="links">{items}</ul></section>'


def _attachment_list(mail: Mail) -> str:
    if not mail.attachments:
        return ""
    items = "".join(
        f'<li><a href="/control/mail/{mail.id}/attachments/{index}">{text(found.filename)}</a>'
        f" <small>{text(found.content_type)}, {len(found.content)} bytes</small></li>"
        for index, found in enumerate(mail.attachments)
    )
    return f'<section class="card"><h2>Attachments</h2><ul>{items}</ul></section>'


def _content(mail: Mail) -> str:
    """HTML in a frame without any right (no scripts, no forms, no links), text as text."""
    framed = (
        f'<h2>HTML</h2><iframe title="The mail as HTML" sandbox="" srcdoc="{text(mail.html)}">'
        "</iframe>"
    )
    return f"{framed if mail.html else ''}<h2>Text</h2><pre>{text(mail.text)}</pre>"


def _download(content: bytes, filename: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{filename}"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type="application/octet-stream", headers=headers)
