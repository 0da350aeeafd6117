"""Mails: text and HTML of the same words, nothing of a client's text in a header or as markup."""

import email
import json
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from pydantic import SecretStr

from core.errors import GatewayError, InvalidInput, Unavailable
from core.gateways.mail import SmtpMailer, compose
from core.ports import Attachment, Mail
from core.settings import Settings

TEXTS: list[str] = json.loads(
    (Path(__file__).parents[1] / "corpora" / "texts.json").read_text("utf-8")
)["values"]
SENDER = ("Partner Hub", "hub@hub.test")


def mail(**values: Any) -> Mail:
    given: dict[str, Any] = {
        "to": "anna@client.example",
        "subject": "123456 is your code for Acme",
        "text": "Your code: 123456\n\nGood for 15 minutes.",
        "sender_name": "Acme",
        "button_label": "Go on",
        "button_url": "https://hub.test/onboarding/resume/abc",
        "language": "pt_BR",
        "key": "k1",
    }
    return Mail(**given | values)


def read(message: EmailMessage) -> EmailMessage:
    """The message as a mail program gets it."""
    parsed = email.message_from_bytes(message.as_bytes(), policy=default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def test_text_and_html_say_the_same() -> None:
    got = read(compose(mail(), SENDER))
    assert got["From"] == "Acme <hub@hub.test>"
    assert got["Subject"] == "123456 is your code for Acme"
    assert "https://hub.test/onboarding/resume/abc" in part(got, "plain")
    html = part(got, "html")
    assert '<html lang="pt-BR">' in html
    assert 'href="https://hub.test/onboarding/resume/abc"' in html
    assert "<p>Good for 15 minutes.</p>" in html


def test_the_same_key_is_the_same_mail() -> None:
    first, again, other = (compose(mail(key=key), SENDER) for key in ("k1", "k1", "k2"))
    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]


def test_files_are_attached_beside_text_and_html() -> None:
    name = "invoice-2026-000001.pdf\r\nBcc: x@evil.example"
    file = Attachment(name=name, media_type="application/pdf", content=b"%PDF \x00\xff")
    got = read(compose(mail(attachments=(file, file)), SENDER))
    assert "Good for 15 minutes." in part(got, "plain")
    assert "<p>Good for 15 minutes.</p>" in part(got, "html")
    first, _ = got.iter_attachments()
    assert first.get_content_type() == "application/pdf"
    assert first.get_content() == b"%PDF \x00\xff"
    assert first.get_filename() == "invoice-2026-000001.pdf Bcc: x@evil.example"
    assert got["Bcc"] is None
    assert got["Content-Language"] == "pt-BR"


@pytest.mark.parametrize("text", TEXTS)
def test_no_text_starts_a_header_or_markup(text: str) -> None:
    got = read(compose(mail(subject=text, sender_name=text, text=text), SENDER))
    assert set(got.keys()) == {
        "From",
        "To",
        "Subject",
        "Message-ID",
        "Date",
        "Auto-Submitted",
        "Content-Language",
        "MIME-Version",
        "Content-Type",
    }
    assert [address.addr_spec for address in got["To"].addresses] == ["anna@client.example"]
    assert [address.addr_spec for address in got["From"].addresses] == ["hub@hub.test"]


def test_markup_in_a_text_is_text() -> None:
    html = part(read(compose(mail(text="<img src=x onerror=alert(1)>"), SENDER)), "html")
    assert "<img" not in html
    assert "&lt;img" in html


def test_a_button_leads_to_a_web_page_or_is_none() -> None:
    html = part(read(compose(mail(button_url="javascript:alert(1)"), SENDER)), "html")
    assert "href" not in html


@pytest.mark.parametrize(
    "to", ["", "nobody", "a@b\r\nBcc: x@evil.example", "a@b, c@d", "a@b.example\nX: y", "<a@b>"]
)
def test_what_is_no_address_gets_no_mail(to: str) -> None:
    with pytest.raises(InvalidInput):
        compose(mail(to=to), SENDER)


class Box:
    """What the server took; `answer` refuses the next mail."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.answer = "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.answer.startswith("250"):
            self.taken.append(envelope.content)
        return self.answer


@pytest.fixture
def box() -> Iterator[tuple[Box, SmtpMailer]]:
    kept = Box()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(kept, hostname="127.0.0.1", port=port, server_hostname="mail.test")
    controller.start()
    yield kept, mailer(f"smtp://127.0.0.1:{port}")
    controller.stop()


def mailer(url: str) -> SmtpMailer:
    return SmtpMailer(Settings(_env_file=None, smtp_url=SecretStr(url), mail_from="H <h@hub.test>"))


def test_a_server_takes_it_with_signs_of_all_scripts(box: tuple[Box, SmtpMailer]) -> None:
    kept, sender = box
    sender.send(mail(subject="北京 € 👨‍👩‍👧", sender_name="Bäckerei Sonne"))
    parsed = email.message_from_bytes(kept.taken[0], policy=default)
    assert parsed["Subject"] == "北京 € 👨‍👩‍👧"
    assert parsed["From"] == "Bäckerei Sonne <h@hub.test>"


@pytest.mark.parametrize(
    ("answer", "error"), [("451 later", Unavailable), ("554 never", GatewayError)]
)
def test_later_and_never_are_told_apart(
    box: tuple[Box, SmtpMailer], answer: str, error: type[Exception]
) -> None:
    kept, sender = box
    kept.answer = answer
    with pytest.raises(error):
        sender.send(mail())


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(Unavailable):
        mailer(f"smtp://127.0.0.1:{port}").send(mail())


@pytest.mark.parametrize("url", ["", "http://mail", "smtp://", "smtp://user:pw@mail.example"])
def test_an_address_that_would_not_do_is_said_at_the_start(url: str) -> None:
    with pytest.raises(ValueError, match="HUB_SMTP_URL"):
        mailer(url)
