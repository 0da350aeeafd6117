"""The hub's own pages for what is not there, not allowed, or broken; never a bare line of text."""

from __future__ import annotations

from nicegui import ui

from core.errors import Forbidden, HubError, NotFound, Unavailable
from core.partners.sessions import PartnerSummary
from ui.components import button, empty_state, error_state, link_button, tag
from ui.faults import is_ours, reference_of, words_for
from ui.places import HOME

# The thing is there, but not for the partner that the session works for.
ELSEWHERE = 409


def status_of(error: Exception) -> int:
    """The HTTP status of a page that shows this failure."""
    if isinstance(error, NotFound):
        return 404
    if isinstance(error, Forbidden):
        return 403
    return 503 if isinstance(error, Unavailable) else 500


def failure(error: Exception) -> None:
    """The section that stands in for one that failed."""
    if isinstance(error, NotFound):
        not_found()
    elif isinstance(error, Forbidden):
        not_allowed(error)
    else:
        broken(error)


def not_found() -> None:
    _title("Not found")
    with empty_state(
        "search",
        "There is nothing at this address",
        "It was removed, the link is not complete, or it belongs to another partner.",
    ):
        link_button("Go to WhatsApp Accounts", HOME, kind="primary")


def not_allowed(error: HubError) -> None:
    words = words_for(error)
    _title("Not allowed")
    with empty_state("lock", words.what, f"{words.kept} {words.todo}".strip()):
        link_button("Go to WhatsApp Accounts", HOME, kind="primary")


def elsewhere(partner: PartnerSummary, path: str, page_id: str) -> None:
    """The thing belongs to another partner that this person works for: one press leads there."""
    _title(f"This belongs to {partner.brand_name}")
    with empty_state(
        "cycle",
        f"This belongs to {partner.brand_name}",
        "You work for them as well, and another partner is open now. All your tabs will follow.",
    ):
        with tag("form", method="post", action="/switch"):
            for name, value in (("partner_id", partner.id), ("next", path), ("page", page_id)):
                tag("input", type="hidden", name=name, value=value)
            go = button(f"Switch to {partner.brand_name}", kind="primary", icon="cycle")
            go.props["type"] = "submit"
        link_button("Go to WhatsApp Accounts", HOME)


def broken(error: Exception) -> None:
    words = words_for(error)
    reference = reference_of(error) if is_ours(error) else ""
    _title("Something went wrong")
    with error_state(words.what, words.kept, words.todo, reference):
        router = ui.context.client.sub_pages_router
        button("Try again", router.refresh, kind="primary")
        link_button("Go to WhatsApp Accounts", HOME)


def alone(draw: str, error: Exception | None = None) -> None:
    """The same states on a page without the frame, for those who are not signed in."""
    with tag("div", classes="alone"):
        if error is not None:
            failure(error)
        else:
            not_found()
    ui.page_title(draw)


def _title(text: str) -> None:
    tag("h1", text, "only-read", tabindex="-1")
