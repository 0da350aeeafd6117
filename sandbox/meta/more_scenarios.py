"""Scenarios of templates, names, limits, verification and solutions, and the table of all."""

from sandbox.meta.events import Event, account_update, partner_event, quality_update
from sandbox.meta.scenarios import ACCOUNT_SCENARIOS, Scenario, Stage
from sandbox.meta.targets import NoTarget, Target
from sandbox.meta.values import MESSAGING_TIERS, Node


def _template(event: str, *, reason: str = "NONE", **extra: Node) -> Scenario:
    def run(target: Target, stage: Stage) -> list[Event]:
        template = target.template
        template.update(status=event, rejected_reason=reason)
        value = _template_value(template, event, reason) | extra
        return [
            Event(field="message_template_status_update", value=value, entry_id=target.waba["id"])
        ]

    return run


def _template_value(template: Node, event: str, reason: str) -> Node:
    return {
        "event": event,
        "message_template_id": _number(template["id"]),
        "message_template_name": template["name"],
        "message_template_language": template["language"],
        "message_template_category": template["category"],
        "reason": reason,
    }


def template_quality_falls(target: Target, stage: Stage) -> list[Event]:
    """A template's own quality: green → yellow → red."""
    template = target.template
    before = template["quality_score"]["score"]
    after = "RED" if before == "YELLOW" else "YELLOW"
    template["quality_score"] = {"score": after, "date": int(stage.now.timestamp())}
    value = {
        "previous_quality_score": before,
        "new_quality_score": after,
        "message_template_id": _number(template["id"]),
        "message_template_name": template["name"],
        "message_template_language": template["language"],
    }
    return [Event(field="message_template_quality_update", value=value, entry_id=target.waba["id"])]


def limit_raised(target: Target, stage: Stage) -> list[Event]:
    """The whole portfolio climbs one step: every account of it is told."""
    phones = target.state.portfolio_phones(target.waba["business_id"])
    before = target.phone["whatsapp_business_manager_messaging_limit"]
    after = _next_tier(before)
    for phone in phones:
        phone["whatsapp_business_manager_messaging_limit"] = after
    capability = {"max_daily_conversations_per_business": after}
    wabas = target.state.wabas_of(target.waba["business_id"])
    return [
        *(
            Event(field="business_capability_update", value=capability, entry_id=waba["id"])
            for waba in wabas
        ),
        quality_update(target.phone, "UPGRADE", old_limit=before),
    ]


def _next_tier(tier: str) -> str:
    position = MESSAGING_TIERS.index(tier) if tier in MESSAGING_TIERS else -1
    return MESSAGING_TIERS[min(position + 1, len(MESSAGING_TIERS) - 1)]


def name_approved(target: Target, stage: Stage) -> list[Event]:
    """The display name may be shown; a rename needs a new registration to take effect."""
    phone = target.phone
    name = phone.get("new_display_name") or phone["verified_name"]
    phone.update(verified_name=name, name_status="APPROVED", new_name_status="NONE")
    phone["new_display_name"] = None
    return [_name_update(target, "APPROVED", name, None)]


def name_declined(target: Target, stage: Stage) -> list[Event]:
    """The display name was refused."""
    phone = target.phone
    name = phone.get("new_display_name") or phone["verified_name"]
    phone.update(name_status="DECLINED")
    reason = "NAME_ACCOUNT_NAME_NOT_CONSISTENT_WITH_BRAND"
    return [_name_update(target, "REJECTED", name, reason)]


def _name_update(target: Target, decision: str, name: str, reason: str | None) -> Event:
    value = {
        "display_phone_number": target.phone["display_phone_number"],
        "decision": decision,
        "requested_verified_name": name,
        "rejection_reason": reason,
    }
    return Event(field="phone_number_name_update", value=value, entry_id=target.waba["id"])


def business_verified(target: Target, stage: Stage) -> list[Event]:
    """The client's portfolio is verified: more numbers, told per account."""
    business_id = target.waba["business_id"]
    target.state.businesses[business_id]["verification_status"] = "verified"
    wabas = target.state.wabas_of(business_id)
    for waba in wabas:
        waba["business_verification_status"] = "verified"
    info = {"client_business_id": business_id, "status": "APPROVED", "rejection_reasons": ["NONE"]}
    certified = account_update(
        stage.settings.business_id,
        "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE",
        partner_client_certification_info=info,
    )
    more_numbers = {"max_phone_numbers_per_business": 20}
    return [
        certified,
        *(
            Event(field="business_capability_update", value=more_numbers, entry_id=waba["id"])
            for waba in wabas
        ),
    ]


def partner_added(target: Target, stage: Stage) -> list[Event]:
    """The account is shared (again) without a popup."""
    target.waba["shared"] = True
    return [partner_event(stage.settings.business_id, "PARTNER_ADDED", target.waba)]


def solution_deactivated(target: Target, stage: Stage) -> list[Event]:
    """The named, else the first active solution ends: nobody can be onboarded under it."""
    wanted = target.options.get("solution_id")
    for solution in target.state.solutions.values():
        if wanted in (None, solution["id"]) and solution["status"] == "ACTIVE":
            solution["status"] = "DEACTIVATED"
            value = {
                "event": "SOLUTION_UPDATED",
                "solution_id": solution["id"],
                "solution_status": "DEACTIVATED",
            }
            partner = stage.settings.business_id
            return [Event(field="partner_solutions", value=value, entry_id=partner)]
    raise NoTarget("no active solution")


SCENARIOS: dict[str, Scenario] = ACCOUNT_SCENARIOS | {
    "template_approved": _template("APPROVED"),
    "template_rejected": _template(
        "REJECTED",
        reason="INVALID_FORMAT",
        rejection_info={
            "reason": "A variable stands at the very end.",
            "recommendation": "Put words after the last variable.",
        },
    ),
    "template_paused": _template(
        "PAUSED",
        other_info={"title": "FIRST_PAUSE", "description": "Paused for 3 hours: low quality."},
    ),
    "template_disabled": _template(
        "DISABLED", other_info={"title": "DISABLED", "description": "Disabled: low quality."}
    ),
    "template_quality_falls": template_quality_falls,
    "limit_raised": limit_raised,
    "name_approved": name_approved,
    "name_declined": name_declined,
    "business_verified": business_verified,
    "partner_added": partner_added,
    "solution_deactivated": solution_deactivated,
}


def _number(text: str) -> int | str:
    # Meta sends template ids as integers here and as strings everywhere else.
    return int(text) if text.isdigit() else text
