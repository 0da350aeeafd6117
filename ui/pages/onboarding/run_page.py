"""The address of a run: its open page, or the page that says why there is none in this browser."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from nicegui import ui

from core.billing.payments.port import PaymentRefused
from core.errors import Conflict, Unavailable
from core.hub import Hub
from core.onboarding.entities import RunStep
from core.onboarding.errors import OnboardingRefused, RunElsewhere, UnknownRun
from core.onboarding.views import PayStage, RunKey, RunView
from ui import i18n
from ui.context import in_thread
from ui.cookies import ONBOARDING_COOKIE
from ui.faults import log_failure
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
            if is_on_its_way(view) or "visit" in request.query_params:
                await _come_back(hub, key, cancelled="cancelled" in request.query_params)
                if request.query_params:
                    # A reload of this address must not tell it again.
                    return RedirectResponse(request.url.path, 303, {"Cache-Control": "no-store"})
                view = await in_thread(hub.onboarding.progress, key)
        except RunElsewhere as error:
            return plain.elsewhere(run_id, error, hub.settings.name)
        except OnboardingRefused as error:
            return plain.refused(error, say, hub.settings.name)
        except Unavailable:
            return plain.unavailable(say, hub.settings.name)
        page = ClientPage(hub, live, key, view, mails)
        page.draw()
        return None


def is_on_its_way(view: RunView) -> bool:
    """Somebody was sent to the payment provider, and how that ended is not known here yet."""
    has_credit_open = view.credit is not None and view.pay_stage is PayStage.CREDIT
    if view.step is RunStep.PAYMENT and view.pay_stage is None:
        return True  # somebody else has paid meanwhile
    return view.pay_stage is not None and (view.card_visited or has_credit_open)


async def _come_back(hub: Hub, key: RunKey, *, cancelled: bool) -> None:
    """Ask how it ended; a provider that does not answer now tells by its webhook later."""
    try:
        await in_thread(hub.onboarding.came_back, key, cancelled=cancelled)
    except (Unavailable, Conflict, PaymentRefused) as error:
        log_failure(error)
