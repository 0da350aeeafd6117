"""A worker process for upgrades that kills itself at the points it is told, each of them once.

`python -m tests.services.subscriptions_program URL STRIPE FOLDER POINT...` works until it is
killed. Beside the points of `payments_program`: `sql:TABLE` (before the first row of it is
written, the transaction open), `file:half` (half of a PDF is on the disk) and `mail:before`.
Files and mails are kept in FOLDER/kept.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlmodel import Session

from core.clock import SystemClock
from core.gateways.payments import StripePayments
from core.ports import Mail
from storage.blobs import FolderBlobs
from storage.changes import LocalFeed
from tests.sandbox.payments_rig import stripe_settings
from tests.services.onboarding_program import Killer, KillingJobs
from tests.services.payments_program import NOBODY, KillingDatabase, KillingProvider
from tests.services.subscriptions_world import assemble


class KillingFiles(FolderBlobs):
    """Dies while it writes."""

    def __init__(self, folder: Path, killer: Killer) -> None:
        super().__init__(folder)
        self._half = folder / ".writing-half"
        self._killer = killer

    def put(self, content: bytes, media_type: str) -> str:
        self._half.parent.mkdir(parents=True, exist_ok=True)
        self._half.write_bytes(content[: len(content) // 2])
        self._killer.pass_by("file:half")
        return super().put(content, media_type)


class KillingMailer:
    """Posts into a folder, a file per key: a mail told again is the same mail."""

    def __init__(self, folder: Path, killer: Killer) -> None:
        self._folder = folder
        self._killer = killer

    def send(self, mail: Mail) -> None:
        self._killer.pass_by("mail:before")
        self._folder.mkdir(parents=True, exist_ok=True)
        name = mail.key.replace("/", "-").replace(":", "-")
        (self._folder / name).write_text(mail.subject, "utf-8")


def work(url: str, stripe: str, folder: Path, points: list[str]) -> None:
    killer, clock, jobs = Killer(folder, points), SystemClock(), KillingJobs(url)
    jobs.killer = killer
    database = KillingDatabase(url, LocalFeed(), threads=4)
    database.killer = killer
    _watch_rows(killer)
    provider: Any = KillingProvider(StripePayments(stripe_settings(stripe), clock=clock), killer)
    kept = folder.parent / "kept"
    assemble(
        database,
        clock,
        jobs,
        provider,
        people=[NOBODY] * 3,
        mailer=KillingMailer(kept / "mails", killer),
        blobs=KillingFiles(kept / "files", killer),
    )
    jobs.start()
    threading.Event().wait()


def _watch_rows(killer: Killer) -> None:
    def before(session: Session, *_: object) -> None:
        for row in session.new:
            killer.pass_by(f"sql:{row.__tablename__}")

    event.listen(Session, "before_flush", before)


if __name__ == "__main__":
    url, stripe, folder, *points = sys.argv[1:]
    work(url, stripe, Path(folder), points)
