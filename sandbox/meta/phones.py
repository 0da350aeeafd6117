"""Numbers: the edge of an account, the node itself, its profile, PIN and own callback."""

import re
from datetime import UTC, datetime

from sandbox.meta.endings import record
from sandbox.meta.errors import bad_parameter, product_error
from sandbox.meta.fields import Resolver, select, stored
from sandbox.meta.graph import Call, Table
from sandbox.meta.health import phone_health
from sandbox.meta.numbers import country_of, display
from sandbox.meta.paging import filtered, page
from sandbox.meta.seeding import add_phone
from sandbox.meta.state import MetaState
from sandbox.meta.values import VERTICALS, Node

_STORED = stored(
    "id",
    "display_phone_number",
    "verified_name",
    "status",
    "quality_rating",
    "name_status",
    "new_name_status",
    "new_display_name",
    "code_verification_status",
    "whatsapp_business_manager_messaging_limit",
    "platform_type",
    "throughput",
    "account_mode",
    "is_official_business_account",
    "is_on_biz_app",
    "is_preverified_number",
    "username",
    "certificate",
    "new_certificate",
)
_DEFAULT = (
    "verified_name",
    "code_verification_status",
    "display_phone_number",
    "quality_rating",
    "platform_type",
    "throughput",
    "last_onboarded_time",
    "webhook_configuration",
    "id",
)
_PROFILE = ("about", "address", "description", "email", "profile_picture_url", "websites")
_UNVERIFIED_LIMIT, _VERIFIED_LIMIT = 2, 20
_SIX_DIGITS = re.compile(r"[0-9]{6}")
_MAX_WEBSITES, _MAX_DESCRIPTION = 2, 512


def phone_fields(state: MetaState, app_callback: str, app_id: str) -> dict[str, Resolver]:
    """Everything that can be asked of a number."""
    return _STORED | {
        "country_code": lambda phone: country_of(phone["display_phone_number"])[0],
        "country_dial_code": lambda phone: country_of(phone["display_phone_number"])[1],
        "quality_score": lambda phone: {"score": phone["quality_rating"]},
        "is_pin_enabled": lambda phone: phone["pin"] is not None,
        "last_onboarded_time": lambda phone: _iso(phone["last_onboarded_time"]),
        "webhook_configuration": lambda phone: _callbacks(state, phone, app_callback),
        "health_status": lambda phone: phone_health(state, phone, app_id),
    }


def list_phones(call: Call) -> Node:
    """`GET /{waba}/phone_numbers`: oldest first unless `sort=last_onboarded_time.desc`."""
    phones = filtered(call.state.phones_of(call.node["id"]), call.params.get("filtering"))
    if str(call.params.get("sort", "")).startswith("last_onboarded_time"):
        descending = str(call.params["sort"]).endswith(".desc")
        phones = sorted(phones, key=_onboarded, reverse=descending)
    answer = page(phones, call.params, call.url)
    return answer | {"data": [_select(call, phone) for phone in answer["data"]]}


def read_phone(call: Call) -> Node:
    """`GET /{phone}`."""
    return _select(call, call.node)


def change_phone(call: Call) -> object:
    """`POST /{phone}`: a new two-step PIN, a new name for review, or an own callback."""
    if "pin" in call.params:
        call.node["pin"] = require_pin(call)
        return {"success": True}
    if "new_display_name" in call.params:
        name = call.required("new_display_name")
        call.node.update(new_display_name=name, new_name_status="PENDING_REVIEW")
        return {"success": True}
    if configuration := call.json("webhook_configuration"):
        return _override(call, configuration)
    raise bad_parameter(
        "Nothing to change: pin, new_display_name or webhook_configuration is needed."
    )


async def _override(call: Call, configuration: Node) -> Node:
    url = configuration.get("override_callback_uri")
    if url:
        await call.world.sender.handshake(url, str(configuration.get("verify_token", "")))
    call.node["override_callback_uri"] = url or None
    return {"success": True}


def require_pin(call: Call) -> str:
    """The six digits; error 100 for anything else."""
    pin = call.required("pin")
    if not _SIX_DIGITS.fullmatch(pin):
        raise bad_parameter("Param pin must be 6 digits.", details="The PIN has 6 digits.")
    return pin


def add_number(call: Call) -> Node:
    """`POST /{waba}/phone_numbers`: a number that still has to be verified."""
    number = display(f"+{call.required('cc').lstrip('+')}{call.required('phone_number')}")
    if call.state.phone_by_number(number):
        raise bad_parameter("The number is in use.", details="This number has an account already.")
    verified = call.node["business_verification_status"] == "verified"
    limit = _VERIFIED_LIMIT if verified else _UNVERIFIED_LIMIT
    if len(call.state.portfolio_phones(call.node["business_id"])) >= limit:
        raise bad_parameter(
            "Too many numbers.", details=f"This portfolio may have {limit} numbers."
        )
    given = {
        "display_phone_number": number,
        "verified_name": call.required("verified_name"),
        "name_status": "PENDING_REVIEW",
        "code_verification_status": "NOT_VERIFIED",
    }
    phone = add_phone(call.state, call.node["id"], given)
    record(call.node, "PHONE_NUMBER_ADDED", call.now, details=number)
    return {"id": phone["id"]}


def request_code(call: Call) -> Node:
    """`POST request_code`: the sandbox accepts any six digits but 111111 afterwards."""
    if call.required("code_method") not in ("SMS", "VOICE"):
        raise bad_parameter("Param code_method must be one of {SMS, VOICE}")
    call.required("language")
    if call.node["code_verification_status"] == "VERIFIED":
        raise product_error(136024, "Request code error", "This number is verified already.")
    call.node["code_requested"] = True
    return {"success": True}


def verify_code(call: Call) -> Node:
    """`POST verify_code`."""
    code = call.required("code").replace("-", "")
    if not call.node.get("code_requested"):
        raise product_error(136025, "Verify code error", "Ask for a code first.")
    if not _SIX_DIGITS.fullmatch(code) or code == "111111":
        raise product_error(136025, "Verify code error", "The code is wrong.")
    call.node.update(code_verification_status="VERIFIED", code_requested=False)
    waba = call.state.wabas[call.node["waba_id"]]
    record(waba, "PHONE_NUMBER_VERIFIED", call.now, details=call.node["display_phone_number"])
    return {"success": True, "id": call.node["id"]}


def read_profile(call: Call) -> Node:
    """`GET whatsapp_business_profile`."""
    names = str(call.params.get("fields") or ",".join((*_PROFILE, "vertical"))).split(",")
    profile = {name: call.node["profile"][name] for name in names if name in call.node["profile"]}
    return {"data": [profile | {"messaging_product": "whatsapp"}]}


def change_profile(call: Call) -> Node:
    """`POST whatsapp_business_profile`: only what is given changes."""
    given = {name: call.json(name) for name in ("websites",) if name in call.params}
    given |= {
        name: call.params[name]
        for name in ("about", "address", "description", "email", "vertical")
        if name in call.params
    }
    if len(given.get("websites") or []) > _MAX_WEBSITES:
        raise bad_parameter("At most 2 websites.")
    if given.get("vertical", "OTHER") not in VERTICALS:
        raise bad_parameter("Param vertical is not a known category.")
    if len(given.get("description", "")) > _MAX_DESCRIPTION:
        raise bad_parameter("Param description is longer than 512 characters.")
    call.node["profile"].update(given)
    return {"success": True}


def _select(call: Call, phone: Node) -> Node:
    callback = call.state.app.callback_url
    return select(
        phone,
        call.params.get("fields"),
        kind="WhatsAppBusinessPhoneNumber",
        visible=phone_fields(call.state, callback, call.world.settings.app_id),
        default=_DEFAULT,
    )


def _callbacks(state: MetaState, phone: Node, app_callback: str) -> Node:
    callbacks = {"application": app_callback}
    if override := state.wabas[phone["waba_id"]]["override_callback_uri"]:
        callbacks["whatsapp_business_account"] = override
    if phone["override_callback_uri"]:
        callbacks["phone_number"] = phone["override_callback_uri"]
    return callbacks


def _onboarded(phone: Node) -> int:
    return int(phone["last_onboarded_time"] or 0)


def _iso(seconds: int | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


TABLE: Table = {
    ("GET", "waba", "phone_numbers"): list_phones,
    ("POST", "waba", "phone_numbers"): add_number,
    ("GET", "phone", ""): read_phone,
    ("POST", "phone", ""): change_phone,
    ("POST", "phone", "request_code"): request_code,
    ("POST", "phone", "verify_code"): verify_code,
    ("GET", "phone", "whatsapp_business_profile"): read_profile,
    ("POST", "phone", "whatsapp_business_profile"): change_profile,
}
