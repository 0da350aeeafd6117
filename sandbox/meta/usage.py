"""Rate-limit headers: how much of an account's hourly budget is used."""

import json

from sandbox.meta.state import MetaState
from sandbox.meta.world import MetaWorld

_ALL = 100  # percent


def hourly_budget(state: MetaState, waba_id: str) -> int:
    """200 calls an hour, 5,000 for an account with a registered number."""
    phones = state.phones_of(waba_id)
    return 5000 if any(phone["platform_type"] == "CLOUD_API" for phone in phones) else 200


def usage_headers(world: MetaWorld, waba_id: str | None) -> dict[str, str]:
    """`X-Business-Use-Case-Usage`, keyed by the portfolio that owns the account."""
    if waba_id is None or waba_id not in world.state.wabas:
        return {}
    percent = world.behaviour.usage_percent
    if percent is None:
        used = world.journal.usage(waba_id)
        percent = min(_ALL, used * _ALL // hourly_budget(world.state, waba_id))
    usage = {
        "type": "whatsapp_business_management",
        "call_count": percent,
        "total_cputime": percent // 4,
        "total_time": percent // 4,
        "estimated_time_to_regain_access": 60 if percent >= _ALL else 0,
    }
    owner = world.state.wabas[waba_id]["business_id"]
    return {"X-Business-Use-Case-Usage": json.dumps({owner: [usage]})}
