"""Pages of the client that need no socket: refusals, and the button behind the mailed link.

One template with escaping on; they work without JavaScript and with any status.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from urllib.parse import quote

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader
from nicegui.client import Client

from core.onboarding.errors import OnboardingRefused, RunElsewhere
from core.onboarding.views import Brand, Turn
from ui.frame_parts import logo_url
from ui.i18n import Texts, texts
from ui.pages.onboarding import brand as colours
from ui.pages.onboarding.refusals import Refusal, refusal_of

_HERE = Path(__file__).parent
_STYLE = _HERE.parents[1] / "static" / "onboarding.css"
_templates = Environment(loader=FileSystemLoader(_HERE), autoescape=True)


@cache
def css() -> str:
    """The look of the client's pages."""
    return _STYLE.read_text(encoding="utf-8")


def refused(error: OnboardingRefused, say: Texts, hub_name: str) -> HTMLResponse:
    """What happened, whose turn it is, what to do; with the partner's brand where it is known."""
    refusal = refusal_of(error.code)
    return _page(refusal, say, hub_name, error.brand, code=error.code)


def elsewhere(run_id: str, error: RunElsewhere, hub_name: str) -> HTMLResponse:
    """The run goes on in another browser; the way back leads through the client's mailbox."""
    say = texts(error.language)
    action = f"/onboarding/elsewhere/{quote(run_id, safe='')}"
    button = say("Mail me a link")
    refusal = refusal_of(error.code)
    return _page(refusal, say, hub_name, error.brand, action=action, button=button)


def unavailable(say: Texts, hub_name: str) -> HTMLResponse:
    """Something that the hub depends on does not answer."""
    page = _page(refusal_of("unavailable"), say, hub_name, None, code="unavailable")
    page.headers["Retry-After"] = "10"
    return page


def busy(say: Texts, hub_name: str) -> HTMLResponse:
    """Too many openings from one address within a minute."""
    page = unavailable(say, hub_name)
    page.status_code = 429
    page.headers["Retry-After"] = "60"
    return page


def example_terms(say: Texts, hub_name: str) -> HTMLResponse:
    """What stands for the operator's terms in the sandbox."""
    return _page(refusal_of("example_terms"), say, hub_name, None)


def pay_link_expired(action: str, say: Texts, hub_name: str) -> HTMLResponse:
    """A client's link to its money is too old; a new one goes to its mailbox only."""
    button = say("Mail me a link")
    return _page(refusal_of("pay_link_over"), say, hub_name, None, action=action, button=button)


def go_on(token: str, say: Texts, hub_name: str) -> HTMLResponse:
    """Behind the mailed link: nothing happens before the button is pressed.

    Mail scanners and previews open links; they press no buttons.
    """
    action = f"/onboarding/resume/{quote(token, safe='')}"
    return _page(refusal_of("resume"), say, hub_name, None, action=action)


def _page(
    refusal: Refusal,
    say: Texts,
    hub_name: str,
    brand: Brand | None,
    *,
    code: str = "",
    action: str = "",
    button: str = "",
) -> HTMLResponse:
    name = brand.name if brand else hub_name
    turn_texts = {
        Turn.CLIENT: say("Your turn:"),
        Turn.PARTNER: say("{partner}’s turn:", partner=name),
        Turn.HUB: say("Our turn:"),
    }
    text = _templates.get_template("refusal.html").render(
        lang=say.page_language,
        head=Client.shared_head_html,
        css=css(),
        style=colours.style(brand.color) if brand else "",
        logo=logo_url(brand.logo_hash) if brand and brand.logo_hash else "",
        brand=name,
        icon=refusal.icon,
        tone=refusal.tone,
        title=say(refusal.title, partner=name),
        what=say(refusal.what, partner=name),
        turn=turn_texts.get(refusal.turn, ""),
        todo=say(refusal.todo, partner=name) if refusal.todo else "",
        action=action,
        button=button or say("Continue"),
        code=code,
        code_label=say("For support:"),
    )
    return HTMLResponse(text, refusal.status, {"Cache-Control": "no-store"})
