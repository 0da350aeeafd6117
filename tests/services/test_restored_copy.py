"""A restored copy with work that is due calls nobody; once released, exactly what was due goes."""

from __future__ import annotations

import email
import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import text

from assembly import Assembled, assemble
from core.errors import Unavailable
from core.events import EventType, record
from core.first_start import ensure_secrets
from core.integration.outbound.entities import WebhookEndpoint
from core.operations.waiting_work import at_work
from core.operations.way_out import Whom
from core.partners.platform_secret import platform_secret_context
from core.ports import Everything
from core.settings import Settings
from storage.backup.service import Place, back_up, restore
from tests import factories
from tests.support.receivers import Receivers, running
from tests.support.waiting import wait_for

TEST = Everything("test: restored copy")
# The invitation's mail, and what the schedule finds: the month's plan is invoiced and charged.
DUE = ["Invoice", "Invoice", "Join"]
RUNNING = (
    "UPDATE workflow_status SET status = 'PENDING', executor_id = 'slot-1',"
    " started_at_epoch_ms = 1 WHERE status = 'ENQUEUED'"
)


class Mailbox:
    """Takes every mail and keeps what it was about."""

    def __init__(self) -> None:
        self.subjects: list[str] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        message = email.message_from_bytes(envelope.content, policy=default)
        self.subjects.append(str(message["subject"]))
        return "250 taken"


@pytest.fixture
def partner_site() -> Iterator[Receivers]:
    with running() as receivers:
        yield receivers


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    mailbox = Mailbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield mailbox, port
    controller.stop()


@contextmanager
def hub(settings: Settings) -> Iterator[Assembled]:
    with ExitStack() as stack:
        yield assemble(settings, stack)


def settings_in(folder: Path, outside: Receivers, smtp: int) -> Settings:
    """A hub in this folder whose whole outside is the receivers and the mailbox."""
    world = f"http://127.0.0.1:{outside.port}"
    return Settings(
        _env_file=ensure_secrets(folder),
        var_dir=folder,
        meta_graph_base=world,
        smtp_url=f"smtp://127.0.0.1:{smtp}",
    )


def place_of(settings: Settings) -> Place:
    return Place(
        database=settings.database,
        blobs=settings.var_dir / "blobs",
        vault_keys=settings.vault_keys.get_secret_value(),
    )


def make_due(live: Assembled, site: Receivers) -> None:
    """An invitation to mail, whose job a worker was just about, and a webhook to post."""
    with live.database.transaction(TEST) as session:
        partner = factories.make_partner(session)
        context = platform_secret_context(partner.id)
        partner.platform_secret = live.vault.seal("s" * 32, context=context)
        owner = factories.make_principal(session, partner)
        number = factories.make_number(session, partner)
        now = live.hub.clock.now()
        own = {"partner_id": partner.id, "created_at": now, "modified_at": now}
        session.add(WebhookEndpoint(url=site.url("hook"), events=["channel_ready"], **own))
        record(
            session,
            live.hub.clock,
            EventType.CHANNEL_READY,
            partner_id=partner.id,
            subject=("channel", number.id),
        )
    live.hub.users.invite(owner, name="Ida New", email="ida@new.example", role="member")
    with live.database.writer.begin() as connection:
        assert connection.execute(text(RUNNING)).rowcount == 1


def test_a_copy_calls_nobody_until_it_is_released_and_then_what_was_due_once(
    tmp_path: Path, migrated_file: Path, partner_site: Receivers, mailbox: tuple[Mailbox, int]
) -> None:
    mails, smtp = mailbox
    first = settings_in(tmp_path / "first", partner_site, smtp)
    shutil.copy(migrated_file, first.var_dir / "hub.sqlite3")
    with hub(first) as live:
        make_due(live, partner_site)
        back_up(place_of(first), tmp_path / "hub.backup")
    second = settings_in(tmp_path / "second", partner_site, smtp)
    shutil.copy(first.var_dir / "secrets.env", second.var_dir / "secrets.env")
    second = settings_in(tmp_path / "second", partner_site, smtp)
    restore(place_of(second), tmp_path / "hub.backup")

    with hub(second) as copy:
        operations = copy.operations
        with at_work(operations, copy.jobs.start, (copy.drain, copy.webhooks)):
            wait_for(lambda: operations.readiness().workers == 1, seconds=20)
            for whom in Whom:
                with pytest.raises(Unavailable), operations.way_out.calling(whom):
                    raise AssertionError(f"{whom} was called")
            assert (mails.subjects, dict(partner_site.got)) == ([], {})

            operations.holding.release()
            wait_for(lambda: len(mails.subjects) >= len(DUE), seconds=60)
            wait_for(lambda: _open_work(copy) == 0, seconds=60)
    assert sorted(each.split(" ")[0] for each in mails.subjects) == DUE
    assert partner_site.events("hook") == ["channel_ready"]
    assert {name for name, got in partner_site.got.items() if got} == {"hook"}


def _open_work(copy: Assembled) -> float:
    """Jobs, deliveries and events that somebody still has to deal with."""
    counted = {"hub_jobs", "hub_waiting"}
    done = ("failed", "open_payments")
    return sum(
        figure.value
        for figure in copy.operations.figures()
        if figure.name in counted and not set(figure.labels.values()) & set(done)
    )
