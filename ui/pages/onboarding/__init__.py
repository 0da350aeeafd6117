"""The client's side of onboarding: root pages of their own, without the dashboard's session.

A link opens a run by a plain route, which leads to the run's own clean address; everything after
that is one page that follows the run's row. Clients prove themselves by the cookie alone.
"""

from __future__ import annotations

from fastapi import FastAPI

from core.hub import Hub
from ui import i18n
from ui.guards.rates import Rate
from ui.pages.onboarding import entry, run_page, signals


def install(app: FastAPI, hub: Hub) -> None:
    """Registers the pages; expects `app.state.live`."""
    for language in i18n.LANGUAGES:
        i18n.texts(language)  # compiled now, not under the first client's hands
    signals.install(app, hub)
    mails = Rate(hub.settings.public_mails_per_minute)
    run_page.install(app, hub, mails)
    entry.install(app, hub, mails)
