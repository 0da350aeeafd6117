"""Puts the webhooks together: the owners' verbs for pages and routes, the drain for workers."""

from __future__ import annotations

from core.integration.outbound.book import Book
from core.integration.outbound.drain import WebhookDrain
from core.integration.outbound.fanout import FanOut
from core.integration.outbound.ports import DrainLocks
from core.integration.outbound.room import Room
from core.integration.outbound.service import WebhooksOut
from core.integration.outbound.switching_off import SwitchingOff
from core.integration.outbound.tidying import Tidying
from core.ports import Jobs, Mailer


def put_together(
    room: Room, *, jobs: Jobs, mailer: Mailer, locks: DrainLocks
) -> tuple[WebhooksOut, WebhookDrain]:
    """Both on the same room; the drain is started in worker processes only."""
    switching_off = SwitchingOff(
        database=room.database,
        clock=room.clock,
        jobs=jobs,
        mailer=mailer,
        base_url=room.settings.base_url,
    )
    Tidying(room.database, room.clock, jobs, room.settings.webhook_log_kept)
    fanout = FanOut(room.database, room.clock, room.feed)
    return WebhooksOut(room), WebhookDrain(room, fanout, Book(room, switching_off), locks)
