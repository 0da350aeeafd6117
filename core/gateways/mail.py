"""Mails by SMTP: plain text and the same as simple HTML, made from a `Mail`.

Names and subjects come from clients: nothing of them may start another header, and nothing of
them is markup.
"""

from __future__ import annotations

import hashlib
import html
import smtplib
import ssl
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid, parseaddr
from urllib.parse import unquote, urlsplit

import structlog

from core.clock import SystemClock
from core.errors import GatewayError, InvalidInput, Unavailable
from core.operations.way_out import OPEN, WayOut, Whom
from core.ports import Mail
from core.settings import Settings
from core.smtp_url import SMTP_PORTS, read_smtp_url

log = structlog.get_logger()

_TIMEOUT = 15.0  # seconds; greylisting servers answer late, dead ones never
_PERMANENT = 500
# Marks that show text in another order than it stands in.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class SmtpMailer:
    """`core.ports.Mailer`; a connection per mail.

    URLs: `smtp://host:port` (plain, without a password outside this machine),
    `smtp+starttls://user:password@host` (TLS or nothing), `smtps://user:password@host`.
    """

    def __init__(self, settings: Settings, way_out: WayOut = OPEN) -> None:
        """Raises ValueError for a URL that is none of the three."""
        self._way_out = way_out
        self._url = read_smtp_url(settings.smtp_url.get_secret_value())
        self._sender = parseaddr(settings.mail_from)
        # Said in EHLO; the machine's own name would have to be looked up first.
        self._own_name = urlsplit(settings.base_url).hostname or "localhost"

    def send(self, mail: Mail) -> None:
        """Raises Unavailable when the server does not take it now, GatewayError when never,
        InvalidInput (`field` to) for what is no address."""
        message = compose(mail, self._sender)
        with self._way_out.calling(Whom.MAIL):
            self._hand_over(message)

    def _hand_over(self, message: EmailMessage) -> None:
        try:
            with self._connection() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise _refusal(min(codes, default=0)) from error
        except smtplib.SMTPResponseException as error:
            raise _refusal(error.smtp_code) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Unavailable("the mail server does not answer", code="mail_unavailable") from error

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        url = self._url
        host, port = url.hostname or "", url.port or SMTP_PORTS[url.scheme]
        server: smtplib.SMTP
        if url.scheme == "smtps":
            context = ssl.create_default_context()
            server = smtplib.SMTP_SSL(host, port, self._own_name, timeout=_TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(host, port, self._own_name, timeout=_TIMEOUT)
        with server:
            if url.scheme == "smtp+starttls":
                server.starttls(context=ssl.create_default_context())
            if url.username:
                server.login(unquote(url.username), unquote(url.password or ""))
            yield server


def compose(mail: Mail, sender: tuple[str, str]) -> EmailMessage:
    """The message with text and HTML; `sender` is (name, address) of the hub itself.

    Raises InvalidInput (`field` to) for what is no single address.
    """
    name, address = sender
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(_line(mail.sender_name) or name, addr_spec=address)
    message["To"] = _recipient(mail.to)
    message["Subject"] = _line(mail.subject)
    domain = address.rpartition("@")[2] or "localhost"
    message["Message-ID"] = _message_id(mail.key, domain)
    message["Date"] = format_datetime(SystemClock().now())
    # Out-of-office answers would go to nobody.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_plain(mail))
    message.add_alternative(_html(mail), subtype="html")
    for file in mail.attachments:
        main, _, sub = file.media_type.partition("/")
        name = _line(file.name)
        message.add_attachment(file.content, maintype=main, subtype=sub, filename=name)
    # Last: headers about the content move into the first part when the second one comes.
    message["Content-Language"] = mail.language.replace("_", "-")
    return message


def _recipient(address: str) -> Address:
    try:
        return Address(addr_spec=address)
    except (ValueError, IndexError, MessageError) as error:
        raise InvalidInput("not an address", field="to") from error


def _line(text: str) -> str:
    """One line: controls and line breaks of every kind become blanks, as does what turns text
    around. Joiners stay: names and emoji need them."""
    cleaned = "".join(" " if _breaks_lines(char) else char for char in text)
    return " ".join(cleaned.split())


def _breaks_lines(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") or char in _TURNING


def _message_id(key: str, domain: str) -> str:
    if not key:
        return make_msgid(domain=domain)
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def _plain(mail: Mail) -> str:
    link = f"\n\n{mail.button_label}: {mail.button_url}" if mail.button_url else ""
    return f"{mail.text}{link}\n"


def _html(mail: Mail) -> str:
    paragraphs = "".join(
        f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>" for part in mail.text.split("\n\n")
    )
    return _PAGE.format(
        language=html.escape(mail.language.replace("_", "-")),
        title=html.escape(_line(mail.subject)),
        body=paragraphs + _button(mail),
    )


def _button(mail: Mail) -> str:
    if not mail.button_url.startswith(("https://", "http://")):
        return ""
    return _BUTTON.format(url=html.escape(mail.button_url), label=html.escape(mail.button_label))


_PAGE = (
    '<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
    '</head><body style="margin:0;padding:24px;background:#f4f5f7;color:#1c2430;'
    'font:16px/1.5 system-ui,sans-serif"><div style="max-width:560px;margin:0 auto;padding:24px;'
    'background:#fff;border-radius:8px">{body}</div></body></html>'
)
_BUTTON = (
    '<p><a href="{url}" style="display:inline-block;padding:12px 20px;border-radius:6px;'
    'background:#0b5f4f;color:#fff;text-decoration:none">{label}</a></p>'
)


def _refusal(code: int) -> GatewayError | Unavailable:
    """4xx passes by itself (greylisting, full mailbox), 5xx never."""
    if code >= _PERMANENT:
        return GatewayError(f"the mail server refused ({code})", code="mail_refused")
    return Unavailable(f"the mail server asks to come back ({code})", code="mail_unavailable")
