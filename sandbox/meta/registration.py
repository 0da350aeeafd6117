"""Registering a number for the Cloud API, its storage region, and coexistence's data sync.

The region can only change while the number is unregistered; register and deregister share a
budget of ten per number in 72 hours.
"""

from datetime import datetime, timedelta

from sandbox.meta.endings import record
from sandbox.meta.errors import bad_parameter, product_error
from sandbox.meta.events import quality_update
from sandbox.meta.graph import Call, Table
from sandbox.meta.phones import require_pin
from sandbox.meta.scenarios import connect
from sandbox.meta.state import new_id
from sandbox.meta.values import STORAGE_REGIONS, STORAGE_STATUSES, Node

_BUDGET = 10
_BUDGET_WINDOW = timedelta(hours=72)
_SYNC_WINDOW = timedelta(hours=24)
_SYNC_TYPES = ("smb_app_state_sync", "history")


def register(call: Call) -> Node:
    """`POST register`: the number can send; a wrong PIN also uses up one of the ten tries."""
    phone = call.node
    if call.required("messaging_product") != "whatsapp":
        raise bad_parameter("Param messaging_product must be whatsapp")
    pin = require_pin(call)
    _use_budget(phone, call.now)
    _require_registrable(phone, pin)
    _apply_region(phone, call.params.get("data_localization_region"))
    phone["pin"] = pin
    connect(phone, call.now)
    record(call.state.wabas[phone["waba_id"]], "PHONE_NUMBER_ADDED", call.now)
    call.world.sender.send_later([quality_update(phone, "ONBOARDING")])
    return {"success": True}


def deregister(call: Call) -> Node:
    """`POST deregister`: drops local storage, keeps the PIN."""
    phone = call.node
    if phone["is_on_biz_app"]:
        raise bad_parameter(
            "Deregistration is not possible.",
            details="This number is also used in the WhatsApp Business app.",
        )
    _use_budget(phone, call.now)
    if not registered(phone):
        raise product_error(133010, "Phone number not registered", "Register the number first.")
    phone.update(
        status="DISCONNECTED",
        platform_type="NOT_APPLICABLE",
        throughput={"level": "NOT_APPLICABLE"},
        storage_configuration={"status": "DEFAULT"},
    )
    return {"success": True}


def read_settings(call: Call) -> Node:
    """`GET settings`."""
    return {"storage_configuration": call.node["storage_configuration"]}


def change_settings(call: Call) -> Node:
    """`POST settings`: where messages are stored, before the number is registered."""
    wanted = call.json("storage_configuration")
    if not isinstance(wanted, dict) or wanted.get("status") not in STORAGE_STATUSES:
        raise bad_parameter("Param storage_configuration must have a known status")
    if registered(call.node):
        raise bad_parameter(
            "The storage configuration cannot change.",
            details="Deregister the number, change the settings, register it again.",
        )
    call.node["storage_configuration"] = _storage(wanted)
    return {"success": True}


def sync_app_data(call: Call) -> Node:
    """`POST smb_app_data`: each kind once, within 24 hours, for coexistence numbers only."""
    phone, kind = call.node, call.required("sync_type")
    if kind not in _SYNC_TYPES:
        raise bad_parameter(f"Param sync_type must be one of {', '.join(_SYNC_TYPES)}")
    if not phone["is_on_biz_app"]:
        raise bad_parameter("Not available.", details="The number is not in the business app.")
    if kind in phone["sync_requests"]:
        raise bad_parameter("Already requested.", details=f"{kind} can be requested once.")
    age = call.now.timestamp() - float(phone["onboarded_at"] or 0)
    if age > _SYNC_WINDOW.total_seconds():
        raise bad_parameter("Too late.", details="The 24 hours after onboarding are over.")
    phone["sync_requests"][kind] = new_id()
    return {"messaging_product": "whatsapp", "request_id": phone["sync_requests"][kind]}


def registered(phone: Node) -> bool:
    """Whether the number is on the Cloud API now."""
    return bool(phone["platform_type"] == "CLOUD_API")


def _use_budget(phone: Node, now: datetime) -> None:
    # Unix seconds, so that the state stays JSON.
    since = (now - _BUDGET_WINDOW).timestamp()
    attempts = [at for at in phone["registration_attempts"] if at > since]
    if len(attempts) >= _BUDGET:
        raise product_error(
            133016,
            "Account register deregister rate limit exceeded",
            "10 tries in 72 hours are used up for this number.",
        )
    phone["registration_attempts"] = [*attempts, now.timestamp()]


def _require_registrable(phone: Node, pin: str) -> None:
    if phone["is_on_biz_app"]:
        raise bad_parameter(
            "Registration is not possible.",
            details="This number is used in the WhatsApp Business app and is live already.",
        )
    if phone["code_verification_status"] != "VERIFIED":
        raise product_error(
            133006, "Phone number re-verification needed", "Verify the number before registering."
        )
    if phone["pin"] is not None and phone["pin"] != pin:
        raise product_error(
            133005, "Two step verification PIN mismatch", "The PIN is not the one set before."
        )


def _apply_region(phone: Node, region: object) -> None:
    if not region:
        return
    current = phone["storage_configuration"].get("data_localization_region")
    if registered(phone) and current != region:
        raise bad_parameter(
            "The storage region cannot change.", details="Deregister the number first."
        )
    wanted = {"status": "IN_COUNTRY_STORAGE_ENABLED", "data_localization_region": region}
    phone["storage_configuration"] = _storage(wanted)


def _storage(wanted: Node) -> Node:
    status, region = wanted["status"], wanted.get("data_localization_region")
    if status == "IN_COUNTRY_STORAGE_ENABLED":
        if region not in STORAGE_REGIONS:
            raise bad_parameter("Param data_localization_region is not a known region")
        return {"status": status, "data_localization_region": region}
    if status == "NO_STORAGE_ENABLED":
        return {"status": status, "retention_minutes": int(wanted.get("retention_minutes", 60))}
    # Switching in-country storage off brings the default back.
    return {"status": "DEFAULT"}


TABLE: Table = {
    ("POST", "phone", "register"): register,
    ("POST", "phone", "deregister"): deregister,
    ("GET", "phone", "settings"): read_settings,
    ("POST", "phone", "settings"): change_settings,
    ("POST", "phone", "smb_app_data"): sync_app_data,
}
