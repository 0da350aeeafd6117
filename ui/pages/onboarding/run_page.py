"""The address of a run: its open page, or the page that says why there is none in this browser."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response
from nicegui import ui

from core.errors import Unavailable
from core.hub import Hub
from core.onboarding.errors import OnboardingRefused, RunElsewhere, UnknownRun
from core.onboarding.views import RunKey
from ui import i18n
from ui.context import in_thread
from ui.cookies import ONBOARDING_COOKIE
from ui.guards.rates import Rate
from ui.live import LiveTopics
from ui.pages.onboarding import plain
from ui.pages.onboarding.page import ClientPage


def install(app: FastAPI, hub: Hub, mails: Rate) -> None:
    """Registers the run's page; `mails` counts those that clients have sent."""
    live: LiveTopics = app.state.live

    @ui.page("/onboarding/{partner_id}/run/{run_id}", title=hub.settings.name)
    async def run_page(request: Request, partner_id: str, run_id: str) -> Response | None:
        key = RunKey(run_id, request.cookies.get(ONBOARDING_COOKIE, ""))
        say = i18n.texts(i18n.preferred(request.headers.get("accept-language", "")))
        try:
            view = await in_thread(hub.onboarding.progress, key)
            if view.brand.partner_id != partner_id:
                raise UnknownRun
        except RunElsewhere as error:
            return plain.elsewhere(run_id, error, hub.settings.name)
        except OnboardingRefused as error:
            return plain.refused(error, say, hub.settings.name)
        except Unavailable:
            return plain.unavailable(say, hub.settings.name)
        page = ClientPage(hub, live, key, view, mails)
        page.draw()
        return None
