"""What the hub mails can be read, waited for, refused, and never executed."""

import asyncio
import smtplib
from collections.abc import AsyncIterator
from email.message import EmailMessage

import httpx
import pytest

from sandbox.app import create_app
from sandbox.mailbox import MailServer
from sandbox.settings import SandboxSettings

LINK = "http://localhost:8082/onboarding/resume?run=1&key=abc"


@pytest.fixture
async def running() -> AsyncIterator[tuple[httpx.AsyncClient, MailServer]]:
    app = create_app(SandboxSettings(smtp_port=0), {"people": []})
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost:8083") as client,
    ):
        yield client, app.state.mail_server


def mail(to: str = "client@shop.example", subject: str = "Grüße, weiter geht's") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Hub <hub@localhost>"
    message["To"] = to
    message["Subject"] = subject
    message.set_content(f"Guten Tag,\nhier geht es weiter: {LINK}.\nماركة €")
    message.add_alternative(
        f'<p><a href="{LINK.replace("&", "&amp;")}">Weiter</a>'
        '<a href="javascript:alert(1)">x</a><script>alert(1)</script></p>',
        subtype="html",
    )
    message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="r.pdf")
    return message


async def send(server: MailServer, message: EmailMessage, *, login: bool = False) -> None:
    def deliver() -> None:
        with smtplib.SMTP("127.0.0.1", server.port, local_hostname="hub") as smtp:
            if login:
                smtp.login("any", "thing")
            smtp.send_message(message)

    await asyncio.to_thread(deliver)


async def test_a_mail_is_kept_with_text_html_links_and_attachments(
    running: tuple[httpx.AsyncClient, MailServer],
) -> None:
    web, server = running
    await send(server, mail())
    answer = (await web.get("/control/mail", params={"to": "Client@Shop.example"})).json()
    assert answer["count"] == 1
    kept = answer["mails"][0]
    assert kept["from"] == "Hub <hub@localhost>"
    assert kept["to"] == ["client@shop.example"]
    assert kept["subject"] == "Grüße, weiter geht's"
    assert "ماركة €" in kept["text"]
    assert kept["html"].startswith("<p>")
    assert kept["links"] == [LINK]
    assert kept["attachments"] == [
        {"filename": "r.pdf", "content_type": "application/pdf", "size": 8}
    ]
    content = await web.get(f"/control/mail/{kept['id']}/attachments/0")
    assert content.content == b"%PDF-1.7"


async def test_the_newest_mail_comes_first_and_only_the_asked_ones(
    running: tuple[httpx.AsyncClient, MailServer],
) -> None:
    web, server = running
    for number in (1, 2):
        await send(server, mail(subject=f"Mail {number}"))
    await send(server, mail(to="other@shop.example"))
    found = (await web.get("/control/mail?to=client@shop.example")).json()["mails"]
    assert [one["subject"] for one in found] == ["Mail 2", "Mail 1"]
    assert (await web.get("/control/mail")).json()["count"] == 3


async def test_a_reader_waits_until_the_mail_arrives(
    running: tuple[httpx.AsyncClient, MailServer],
) -> None:
    web, server = running
    query = {"to": "client@shop.example", "at_least": 1, "wait_seconds": 10}
    waiting = asyncio.create_task(web.get("/control/mail", params=query))
    await send(server, mail())
    assert (await waiting).json()["count"] == 1


async def test_mail_can_be_deleted(running: tuple[httpx.AsyncClient, MailServer]) -> None:
    web, server = running
    await send(server, mail())
    await send(server, mail(to="other@shop.example"))
    gone = await web.delete("/control/mail?to=other@shop.example")
    assert gone.json() == {"deleted": 1}
    assert (await web.delete("/control/mail")).json() == {"deleted": 1}
    assert (await web.get("/control/mail")).json()["count"] == 0


@pytest.mark.parametrize(
    ("stage", "error"),
    [("data", smtplib.SMTPDataError), ("rcpt", smtplib.SMTPRecipientsRefused)],
)
async def test_mail_is_refused_for_as_long_as_told(
    running: tuple[httpx.AsyncClient, MailServer], stage: str, error: type[Exception]
) -> None:
    web, server = running
    refusal = {"status": 451, "text": "come back later", "stage": stage, "times": 1}
    await web.post("/control/mail/behaviour", json=refusal)
    with pytest.raises(error):
        await send(server, mail())
    await send(server, mail())
    assert (await web.get("/control/mail")).json()["count"] == 1


async def test_any_smtp_login_is_accepted(
    running: tuple[httpx.AsyncClient, MailServer],
) -> None:
    web, server = running
    await send(server, mail(), login=True)
    assert (await web.get("/control/mail")).json()["count"] == 1


async def test_the_page_shows_a_mail_without_executing_it(
    running: tuple[httpx.AsyncClient, MailServer],
) -> None:
    web, server = running
    await send(server, mail(subject="<script>alert(1)</script>"))
    mail_id = (await web.get("/control/mail")).json()["mails"][0]["id"]
    listing = await web.get("/mail")
    page = await web.get(f"/mail/{mail_id}")
    for answer in (listing, page):
        assert "<script>" not in answer.text
        assert "script-src 'self';" in answer.headers["content-security-policy"]
    assert 'sandbox="" srcdoc="&lt;p&gt;' in page.text
    assert f'href="{LINK.replace("&", "&amp;")}"' in page.text
    assert 'href="javascript:' not in page.text


async def test_raw_mail_is_a_download(running: tuple[httpx.AsyncClient, MailServer]) -> None:
    web, server = running
    await send(server, mail())
    mail_id = (await web.get("/control/mail")).json()["mails"][0]["id"]
    raw = await web.get(f"/control/mail/{mail_id}/raw")
    assert raw.headers["content-disposition"].startswith("attachment")
    assert b"Subject:" in raw.content
    assert (await web.get("/mail/999")).status_code == 404
