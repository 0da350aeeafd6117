"""One mail as a value: what a person would see, and the links a test wants to open."""

import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

TEXT_LINK = re.compile(r"https?://[^\s<>\"']+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    id: int
    received_at: datetime
    envelope_from: str
    # The envelope's recipients; the To header may say something else.
    to: tuple[str, ...]
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    links: tuple[str, ...]
    attachments: tuple[Attachment, ...]
    raw: bytes

    def header(self, name: str) -> str:
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")

    def was_sent_to(self, address: str) -> bool:
        """True for every mail when no address is asked for."""
        wanted = address.strip().lower()
        return not wanted or wanted in (recipient.lower() for recipient in self.to)

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "received_at": self.received_at.isoformat(),
            "from": self.header("From") or self.envelope_from,
            "envelope_from": self.envelope_from,
            "to": list(self.to),
            "subject": self.header("Subject"),
            "headers": [list(header) for header in self.headers],
            "text": self.text,
            "html": self.html,
            "links": list(self.links),
            "attachments": [
                {
                    "filename": attachment.filename,
                    "content_type": attachment.content_type,
                    "size": len(attachment.content),
                }
                for attachment in self.attachments
            ],
        }


def read_mail(
    mail_id: int, sender: str, recipients: list[str], raw: bytes, received_at: datetime
) -> Mail:
    message = message_from_bytes(raw, policy=policy.default)
    text, html = _body(message, "plain"), _body(message, "html")
    return Mail(
        id=mail_id,
        received_at=received_at,
        envelope_from=sender,
        to=tuple(recipients),
        headers=tuple((name, str(value)) for name, value in message.items()),
        text=text,
        html=html,
        links=_links(text, html),
        attachments=tuple(_attachment(part) for part in message.iter_attachments()),
        raw=raw,
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    if part is None:
        return ""
    payload = part.get_payload(decode=True)
    charset = part.get_content_charset() or "utf-8"
    return payload.decode(charset, errors="replace") if isinstance(payload, bytes) else ""


def _attachment(part: EmailMessage) -> Attachment:
    payload = part.get_payload(decode=True)
    return Attachment(
        filename=part.get_filename() or "unnamed",
        content_type=part.get_content_type(),
        content=payload if isinstance(payload, bytes) else part.as_bytes(),
    )


def _links(text: str, html: str) -> tuple[str, ...]:
    """Web addresses in the order of reading, each once; only http and https."""
    parser = _HrefParser()
    parser.feed(html)
    found = [link.rstrip(".,;:!?)") for link in TEXT_LINK.findall(text)] + parser.hrefs
    return tuple(dict.fromkeys(link for link in found if _is_web(link)))


def _is_web(link: str) -> bool:
    try:
        return urlsplit(link).scheme in ("http", "https")
    except ValueError:
        return False


class _HrefParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.hrefs: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.hrefs += [value for name, value in attrs if name == "href" and value]
