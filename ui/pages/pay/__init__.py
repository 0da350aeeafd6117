"""The own page of a client that pays for itself: plain pages and forms, no dashboard session.

They need neither socket nor script, so they work in a mail program's browser, too. The mailed
link's token becomes a cookie at the first look; the page's own address holds no secret.
"""

from __future__ import annotations

from fastapi import FastAPI

from core.hub import Hub
from ui.guards.rates import Rate
from ui.pages.pay import acts, doors


def install(app: FastAPI, hub: Hub) -> None:
    """Registers the pages."""
    mails = Rate(hub.settings.public_mails_per_minute)
    acts.install(app, hub)
    doors.install(app, hub, mails)
