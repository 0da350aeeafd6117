"""From a seed to a state: every missing field gets the value a healthy live account would have."""

import copy
from datetime import datetime
from typing import Any

from sandbox.meta.numbers import display
from sandbox.meta.ports import MetaSettings
from sandbox.meta.state import AppSubscription, MetaState, Token, new_id
from sandbox.meta.values import Node

Seed = dict[str, Any]


def build_state(seed: Seed, settings: MetaSettings, now: datetime) -> MetaState:
    """A whole new world; the seed itself is never touched."""
    seed = copy.deepcopy(seed)
    state = MetaState(app=AppSubscription(callback_url=settings.webhook_url))
    add_business(state, settings.business_id, seed.get("partner_name", "Partner portfolio"), now)
    for solution in seed.get("solutions", []):
        add_solution(state, settings, solution)
    for line in seed.get("credit_lines", [{}]):
        _add_credit_line(state, settings, line)
    for index, waba in enumerate(seed.get("wabas", [])):
        # One second apart, so that "newest first" has one answer.
        _add_seeded_waba(state, waba, now, int(now.timestamp()) - 86_400 + index)
    for token in seed.get("tokens", []):
        add_business_token(state, token["token"], token["business_id"], now)
    return state


def add_business(state: MetaState, business_id: str, name: str, now: datetime) -> Node:
    """A portfolio; an existing one is kept."""
    node: Node = {
        "id": business_id,
        "name": name,
        "verification_status": "not_verified",
        "creation_time": int(now.timestamp()),
    }
    return state.businesses.setdefault(business_id, node)


def add_solution(state: MetaState, settings: MetaSettings, given: Node) -> Node:
    """A multi-partner solution owned by the partner's app."""
    node: Node = {
        "id": new_id(),
        "name": "Solution",
        "status": "ACTIVE",
        "status_for_pending_request": "NONE",
        "owner_app": {"id": settings.app_id, "name": "Partner app"},
        "owner_permissions": ["MESSAGING"],
        "partners": [],
    } | given
    state.solutions[node["id"]] = node
    return node


def add_waba(state: MetaState, given: Node, now: datetime) -> Node:
    """An account shared with the partner, as it is right after Embedded Signup."""
    node: Node = {
        "id": new_id(),
        "name": "Business account",
        "currency": "EUR",
        "country": "DE",
        "timezone_id": "1",
        "account_review_status": "APPROVED",
        "business_verification_status": "not_verified",
        "ownership_type": "CLIENT_OWNED",
        "solution_id": None,
        "primary_funding_id": None,
        "status": "ACTIVE",
        "is_enabled_for_insights": False,
        "marketing_messages_onboarding_status": "ELIGIBLE",
        "creation_time": int(now.timestamp()),
        "shared": True,
        "subscribed": False,
        "override_callback_uri": None,
        "assigned_users": {},
        "activities": [],
        "restrictions": [],
    } | given
    node.setdefault("message_template_namespace", f"ns_{node['id']}")
    state.wabas[node["id"]] = node
    return node


def add_phone(state: MetaState, waba_id: str, given: Node) -> Node:
    """A number that is verified but not yet registered."""
    node: Node = {
        "id": new_id(),
        "waba_id": waba_id,
        "verified_name": "Business",
        "status": "PENDING",
        "quality_rating": "UNKNOWN",
        "whatsapp_business_manager_messaging_limit": "TIER_250",
        "name_status": "APPROVED",
        "new_name_status": "NONE",
        "code_verification_status": "VERIFIED",
        "platform_type": "NOT_APPLICABLE",
        "throughput": {"level": "NOT_APPLICABLE"},
        "account_mode": "LIVE",
        "is_on_biz_app": False,
        "is_official_business_account": False,
        "is_preverified_number": False,
        "last_onboarded_time": None,
        "pin": None,
        "storage_configuration": {"status": "DEFAULT"},
        "override_callback_uri": None,
        "profile": {"vertical": "OTHER", "websites": []},
        "registration_attempts": [],
        "sync_requests": {},
        "commerce_settings": None,
        "onboarded_at": None,
    } | given
    node["display_phone_number"] = display(node["display_phone_number"])
    state.phones[node["id"]] = node
    return node


def add_template(state: MetaState, waba_id: str, given: Node) -> Node:
    """A message template; new ones wait for review."""
    node: Node = {
        "id": new_id(),
        "waba_id": waba_id,
        "name": "sample",
        "language": "en",
        "status": "APPROVED",
        "category": "UTILITY",
        "components": [],
        "parameter_format": "POSITIONAL",
        "quality_score": {"score": "UNKNOWN"},
        "rejected_reason": "NONE",
    } | given
    state.templates[node["id"]] = node
    return node


def add_business_token(state: MetaState, value: str, business_id: str, now: datetime) -> Token:
    """A client's token that never expires, known from the seed."""
    token = Token(value=value, kind="business", business_id=business_id, issued_at=now)
    state.tokens[value] = token
    return token


def _add_credit_line(state: MetaState, settings: MetaSettings, given: Node) -> None:
    node: Node = {
        "id": new_id(),
        "legal_entity_name": "Partner GmbH",
        "business_id": settings.business_id,
    } | given
    state.credit_lines[node["id"]] = node


def _add_seeded_waba(state: MetaState, given: Node, now: datetime, created: int) -> None:
    given.setdefault("business_id", new_id())
    phones, templates = given.pop("phone_numbers", []), given.pop("templates", [])
    token = given.pop("access_token", None)
    business_name = given.pop("business_name", given.get("name", "Client"))
    business = add_business(state, given["business_id"], business_name, now)
    # A seeded account is a client of yesterday: the hub has subscribed to it already.
    waba = add_waba(state, {"creation_time": created, "subscribed": True} | given, now)
    business["verification_status"] = waba["business_verification_status"]
    for phone in phones:
        add_phone(state, waba["id"], _live(phone, created))
    for template in templates:
        add_template(state, waba["id"], template)
    if token:
        add_business_token(state, token, waba["business_id"], now)


def _live(given: Node, created: int) -> Node:
    """A seeded number is connected unless the seed says otherwise."""
    connected = {"status": "CONNECTED", "quality_rating": "GREEN"} | given
    if connected["status"] in ("PENDING", "UNVERIFIED", "DELETED", "MIGRATED", "DISCONNECTED"):
        return connected
    return {
        "platform_type": "CLOUD_API",
        "throughput": {"level": "STANDARD"},
        "last_onboarded_time": created,
        "onboarded_at": created,
    } | connected
