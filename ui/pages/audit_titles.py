"""Each kind of event that is not of numbers alone: icon, title, tone; and the groups."""

from __future__ import annotations

from dataclasses import dataclass

from core.events import EventType as E
from ui.components import Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Kinds that are looked for together."""

    word: str
    types: frozenset[str]


TITLES: dict[str, tuple[str, str, Tone]] = {
    E.CLIENT_CREATED: ("plus", "Client created", "success"),
    E.CLIENT_CHANGED: ("edit", "Client changed", "info"),
    # Onboarding.
    E.RUN_STARTED: ("route", "Onboarding started", "info"),
    E.RUN_STEP: ("route", "Onboarding went on", "neutral"),
    E.RUN_META_CALL: ("route", "Onboarding called Meta", "neutral"),
    E.RUN_ERROR: ("alert", "Onboarding met an error", "warning"),
    E.RUN_LINK_SENT: ("send", "Resume link sent", "info"),
    E.RUN_FINISHED: ("check-circle", "Onboarding finished", "success"),
    # Money.
    E.BALANCE_CHANGED: ("wallet", "Balance changed", "neutral"),
    E.BALANCE_LOW: ("alert", "Balance is low", "warning"),
    E.BALANCE_EXHAUSTED: ("ban", "Balance is used up", "danger"),
    E.OUTBOUND_STOPPED: ("pause", "Template messages stopped", "danger"),
    E.OUTBOUND_RESUMED: ("play", "Template messages go on", "success"),
    E.CAP_CHANGED: ("edit", "Client's cap changed", "info"),
    E.CAP_REACHED: ("ban", "Client's cap reached", "warning"),
    E.ALERT_LEVELS_CHANGED: ("edit", "Alert levels changed", "info"),
    E.TOP_UP_STARTED: ("card", "Top-up started", "info"),
    E.TOP_UP_SETTLED: ("check-circle", "Top-up paid", "success"),
    E.TOP_UP_FAILED: ("cross-circle", "Top-up failed", "danger"),
    E.PAYMENT_CONFIRMATION_NEEDED: ("clock", "Payment waits for confirmation", "warning"),
    E.PAYMENT_REFUNDED: ("refresh", "Payment given back", "info"),
    E.PAYMENT_DISPUTED: ("alert", "Payment disputed", "danger"),
    E.CARD_ADDED: ("card", "Card added", "info"),
    E.CARD_REMOVED: ("trash", "Card removed", "neutral"),
    E.CARD_MADE_PRIMARY: ("card", "Card made primary", "info"),
    E.CARD_EXPIRING: ("clock", "Card expires soon", "warning"),
    E.AUTO_RENEWAL_CHANGED: ("edit", "Auto-renewal changed", "info"),
    E.AUTO_RENEWAL_SUCCEEDED: ("check-circle", "Auto-renewal topped up", "success"),
    E.AUTO_RENEWAL_FAILED: ("cross-circle", "Auto-renewal failed", "danger"),
    E.AUTO_RENEWAL_STOPPED: ("pause", "Auto-renewal stopped", "danger"),
    E.INVOICE_ISSUED: ("receipt", "Invoice issued", "info"),
    E.INVOICE_PAID: ("check-circle", "Invoice paid", "success"),
    E.INVOICE_PAYMENT_FAILED: ("cross-circle", "Invoice not paid", "danger"),
    E.CREDIT_NOTE_ISSUED: ("receipt", "Credit note issued", "info"),
    E.MONTH_NOT_CLOSED: ("alert", "Month not closed", "warning"),
    E.BILLING_DETAILS_CHANGED: ("edit", "Billing details changed", "info"),
    # Plans.
    E.PLAN_CHANGED: ("layers", "Plan changed", "success"),
    E.PLAN_CHANGE_PLANNED: ("clock", "Plan change planned", "info"),
    E.PLAN_CHANGE_WITHDRAWN: ("refresh", "Plan change taken back", "info"),
    E.PLAN_CANCELLED: ("ban", "Subscription cancelled", "warning"),
    E.PLAN_CANCEL_WITHDRAWN: ("refresh", "Cancellation of the plan taken back", "success"),
    E.PLAN_ENDED: ("ban", "Subscription ended", "danger"),
    E.UPGRADE_STARTED: ("layers", "Upgrade started", "info"),
    E.UPGRADE_FAILED: ("cross-circle", "Upgrade failed", "danger"),
    E.LICENCE_CHANGED: ("layers", "Licence changed", "info"),
    # Support.
    E.CONVERSATION_OPENED: ("support", "Conversation opened", "info"),
    E.MESSAGE_WRITTEN: ("support", "Message to Support or from it", "neutral"),
    E.CONVERSATION_ASSIGNED: ("support", "Conversation taken on", "neutral"),
    E.CONVERSATION_CLOSED: ("check", "Conversation closed", "neutral"),
    E.CONVERSATION_REOPENED: ("refresh", "Conversation opened again", "info"),
    E.REQUEST_MADE: ("support", "Request made", "info"),
    E.REQUEST_ACCEPTED: ("check-circle", "Request accepted", "success"),
    E.REQUEST_REFUSED: ("cross-circle", "Request refused", "warning"),
    E.REQUEST_WITHDRAWN: ("refresh", "Request taken back", "neutral"),
    # Settings and programs.
    E.PROFILE_CHANGED: ("brand", "Profile changed", "info"),
    E.API_KEY_MADE: ("key", "API key made", "info"),
    E.API_KEY_REVOKED: ("key", "API key revoked", "warning"),
    E.SYSTEM_USER_MADE: ("key", "System user made", "info"),
    E.SYSTEM_USER_CHANGED: ("key", "System user changed", "info"),
    E.SYSTEM_USER_REMOVED: ("key", "System user removed", "warning"),
    # People.
    E.INVITATION_SENT: ("send", "Invitation sent", "info"),
    E.INVITATION_SENT_AGAIN: ("send", "Invitation sent again", "info"),
    E.INVITATION_WITHDRAWN: ("ban", "Invitation withdrawn", "neutral"),
    E.INVITATION_ACCEPTED: ("check", "Invitation accepted", "success"),
    E.MEMBER_JOINED: ("users", "Person joined", "success"),
    E.MEMBER_REMOVED: ("users", "Person removed", "warning"),
    E.ROLE_CHANGED: ("users", "Role changed", "warning"),
    E.SIGNED_IN: ("lock", "Signed in", "neutral"),
    E.SIGNED_OUT: ("lock", "Signed out", "neutral"),
    E.SESSION_REVOKED: ("lock", "Signed out elsewhere", "info"),
    E.SIGN_IN_CONFIRMED: ("shield", "Sign-in confirmed", "info"),
    E.PARTNER_SWITCHED: ("refresh", "Switched to this partner", "neutral"),
    E.PERSON_EXPORTED: ("download", "A person's data were given out", "info"),
    E.PERSON_ERASED: ("trash", "A person was erased", "warning"),
}

_FIRST = {  # a group's kinds stand together in the enum, from the first one on
    E.CLIENT_CREATED: ("whatsapp", "WhatsApp"),
    E.RUN_STARTED: ("onboarding", "Onboarding"),
    E.BALANCE_CHANGED: ("money", "Money"),
    E.PLAN_CHANGED: ("plan", "Plan and licences"),
    E.CONVERSATION_OPENED: ("support", "Support"),
    E.INTEGRATION_CHANGED: ("settings", "Settings and keys"),
    E.INVITATION_SENT: ("people", "People, sign-ins"),
}


def _grouped() -> dict[str, Group]:
    words: dict[str, str] = {}
    types: dict[str, set[str]] = {}
    key = ""
    for each in E:
        if each in _FIRST:
            key, words[_FIRST[each][0]] = _FIRST[each]
        types.setdefault(key, set()).add(each.value)
    return {key: Group(word=words[key], types=frozenset(some)) for key, some in types.items()}


GROUPS: dict[str, Group] = _grouped()
