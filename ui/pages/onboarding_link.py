"""The partner's direct onboarding link, ready to copy, or why there is none."""

from __future__ import annotations

from core.onboarding.views import LinkState
from ui.components import copy_button, note, tag

_REASONS = {
    "partner_blocked": "Your account is blocked, so clients cannot begin. Please ask support.",
    "plan_ended": "Your subscription has ended; links work again once there is a new one.",
    "plan_unpaid": "A plan invoice is unpaid; the link works again as soon as it is paid.",
    "solution_missing": "Enter your Solution ID on the Integration page; then you get a link.",
    "solution_inactive": "Your solution is not active at Meta, so clients cannot begin.",
    "terms_missing": "The operator has not set its terms yet, so clients cannot agree to them.",
}
_NO_REDIRECT = (
    "No redirect URL is set: clients end on a page of the hub and do not come back to you. "
    "Set it on the Integration page."
)


def link_panel(state: LinkState) -> None:
    """The link with its copy button, and what stands in its way or will surprise later."""
    for reason in state.reasons:
        note("alert", _REASONS.get(reason, reason), "warning")
    if not state.ready:
        return
    with tag("div", classes="line"):
        tag("span", "Your onboarding link", "quiet small")
        tag("code", state.url, "cut", title=state.url)
        copy_button(state.url, "onboarding link")
    if "no_redirect_url" in state.warnings:
        note("alert", _NO_REDIRECT, "warning")
