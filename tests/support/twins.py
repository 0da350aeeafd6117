"""Twins of the world outside: a Meta that keeps state and a journal, a mailer that keeps mails.

`FakeMeta` passes the same contract test as `GraphMeta` on the sandbox
(`tests/services/test_meta_gateway.py`).
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from core.clock import Clock
from core.errors import GatewayError, MetaError, Unavailable
from core.ports import Mail, MetaToken
from tests.support.twins_assets import AssetsAtMeta

Node = dict[str, Any]

ENDINGS = {
    "finish": "FINISH",
    "no_number": "FINISH_ONLY_WABA",
    "coexistence": "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING",
    "obo": "FINISH_OBO_MIGRATION",
    "grant_only": "FINISH_GRANT_ONLY_API_ACCESS",
}
_CODE_LIFETIME = timedelta(seconds=30)
_count = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class Signup:
    """What a popup hands over, and what exists at Meta since."""

    code: str
    message: str
    waba_id: str
    phone_id: str
    business_id: str


@dataclass
class FakeMailer:
    """Takes every mail, or says why not."""

    mails: list[Mail] = field(default_factory=list)
    down: bool = False
    refuses: bool = False

    def send(self, mail: Mail) -> None:
        if self.down:
            raise Unavailable
        if self.refuses:
            raise GatewayError(code="mail_refused")
        self.mails.append(mail)

    @property
    def code(self) -> str:
        """The six digits of the newest mail."""
        return self.mails[-1].subject.split()[0]

    @property
    def token(self) -> str:
        """The secret of the newest mail's link."""
        return self.mails[-1].button_url.rpartition("/")[2]


class FakeMeta(AssetsAtMeta):
    """Meta in memory. `calls` is the journal; `fail` and `lose_answer` arm one fault each."""

    def __init__(self, clock: Clock, *, solution_id: str = "123456789012345") -> None:
        super().__init__()
        self._clock = clock
        self.calls: list[str] = []
        self.wabas: dict[str, Node] = {}
        self.phones: dict[str, Node] = {}
        self.codes: dict[str, Node] = {}
        self.tokens: dict[str, str] = {}  # token -> business
        self.solutions: dict[str, str] = {solution_id: "ACTIVE"}
        self._faults: dict[str, list[Exception]] = {}
        self._lost: list[str] = []
        self.on_call: Callable[[str], None] = lambda name: None

    # --- what a test does -------------------------------------------------------------------

    def popup(self, ending: str = "finish", *, business_id: str = "", **number: Any) -> Signup:
        """A client walks through Embedded Signup; `number` overrides fields of the number."""
        waba_id, phone_id = _id(), _id()
        business = business_id or _id()
        self.wabas[waba_id] = _waba(waba_id, business, self._clock.now())
        self.waba_solutions[waba_id] = list(self.solutions)
        data = {"waba_id": waba_id}
        if ending in ("finish", "coexistence", "obo"):
            self.phones[phone_id] = _phone(phone_id, waba_id, ending) | number
        if ending == "finish":
            data |= {"phone_number_id": phone_id, "business_id": business}
        code = f"AQ{next(_count):030d}"
        self.codes[code] = {"business": business, "at": self._clock.now(), "used": False}
        message = {"type": "WA_EMBEDDED_SIGNUP", "event": ENDINGS[ending], "data": data}
        return Signup(
            code=code,
            message=json.dumps(message),
            waba_id=waba_id,
            phone_id=phone_id,
            business_id=business,
        )

    def fail(self, call: str, error: Exception | int, times: int = 1) -> None:
        """Refuse the next calls of this name; a number is Meta's error code."""
        refusal = error if isinstance(error, Exception) else MetaError("no", meta_code=error)
        self._faults.setdefault(call, []).extend([refusal] * times)

    def lose_answer(self, call: str) -> None:
        """Do the work of the next call of this name, and never answer."""
        self._lost.append(call)

    def heal(self) -> None:
        """Nothing is armed any more."""
        self._faults.clear()
        self._lost.clear()

    def asked(self, call: str) -> int:
        """How often Meta was asked for this."""
        return self.calls.count(call)

    # --- the port ---------------------------------------------------------------------------

    def exchange_code(self, code: str) -> MetaToken:
        self._enter("exchange_code")
        kept = self.codes.get(code)
        if kept is None or kept["used"] or self._clock.now() - kept["at"] >= _CODE_LIFETIME:
            raise MetaError("This authorization code has expired.", meta_code=100, subcode=36007)
        kept["used"] = True
        token = f"EAA{next(_count)}"
        self.tokens[token] = kept["business"]
        self._leave("exchange_code")
        return MetaToken(value=token)

    def debug_token(self, token: str) -> Node:
        self._enter("debug_token")
        mine = [w["id"] for w in self.wabas.values() if w["business"] == self.tokens.get(token)]
        scope = {"scope": "whatsapp_business_management", "target_ids": mine[::-1]}
        return {"is_valid": token in self.tokens, "granular_scopes": [scope]}

    def waba(self, waba_id: str, token: str) -> Node:
        self._enter("waba")
        node = self._own(waba_id, token)
        owner = {"id": node["business"], "name": "Client GmbH"}
        return {key: node[key] for key in _WABA_SHOWN} | {"owner_business_info": owner}

    def phone_numbers(self, waba_id: str, token: str) -> list[Node]:
        self._enter("phone_numbers")
        self._own(waba_id, token)
        return [_shown(phone) for phone in self.phones.values() if phone["waba"] == waba_id]

    def phone_number(self, phone_id: str, token: str) -> Node:
        self._enter("phone_number")
        return _shown(self._phone(phone_id, token))

    def subscribe(self, waba_id: str, token: str) -> None:
        self._enter("subscribe")
        self._own(waba_id, token)["subscribed"] = True
        self._leave("subscribe")

    def is_subscribed(self, waba_id: str, token: str) -> bool:
        self._enter("is_subscribed")
        return bool(self._own(waba_id, token)["subscribed"])

    def unsubscribe(self, waba_id: str, token: str) -> None:
        self._enter("unsubscribe")
        self._own(waba_id, token)["subscribed"] = False
        self._leave("unsubscribe")

    def storage_region(self, phone_id: str, token: str) -> str | None:
        self._enter("storage_region")
        region = self._phone(phone_id, token)["region"]
        return str(region) if region else None

    def set_storage_region(self, phone_id: str, region: str, token: str) -> None:
        self._enter("set_storage_region")
        phone = self._phone(phone_id, token)
        if phone["platform_type"] == "CLOUD_API":
            raise MetaError("The storage configuration cannot change.", meta_code=100)
        phone["region"] = region
        self._leave("set_storage_region")

    def register(self, phone_id: str, pin: str, token: str) -> None:
        self._enter("register")
        phone = self._phone(phone_id, token)
        if phone["is_on_biz_app"]:
            raise MetaError("Registration is not possible.", meta_code=100)
        if phone["code_verification_status"] != "VERIFIED":
            raise MetaError("Phone number re-verification needed", meta_code=133006)
        if phone["pin"] not in (None, pin):
            raise MetaError("Two step verification PIN mismatch", meta_code=133005)
        phone.update(pin=pin, platform_type="CLOUD_API", status="CONNECTED")
        self._leave("register")

    def deregister(self, phone_id: str, token: str) -> None:
        self._enter("deregister")
        phone = self._phone(phone_id, token)
        if phone["is_on_biz_app"]:
            raise MetaError("Deregistration is not possible.", meta_code=100)
        if phone["platform_type"] != "CLOUD_API":
            raise MetaError("Phone number not registered", meta_code=133010)
        phone.update(platform_type="NOT_APPLICABLE", status="DISCONNECTED", region=None)
        self._leave("deregister")

    def sync_app_data(self, phone_id: str, sync_type: str, token: str) -> str:
        self._enter("sync_app_data")
        phone = self._phone(phone_id, token)
        if not phone["is_on_biz_app"] or sync_type in phone["synced"]:
            raise MetaError("Already requested.", meta_code=100)
        phone["synced"][sync_type] = _id()
        self._leave("sync_app_data")
        return str(phone["synced"][sync_type])

    def client_wabas(self, created_after: datetime) -> list[Node]:
        self._enter("client_wabas")
        fresh = [w for w in self.wabas.values() if w["at"] > created_after]
        return [
            {"id": w["id"], "name": w["name"], "owner_business_info": {"id": w["business"]}}
            for w in reversed(fresh)
        ]

    def solution(self, solution_id: str) -> Node:
        self._enter("solution")
        if solution_id not in self.solutions:
            raise MetaError("Unsupported get request.", meta_code=100, subcode=33)
        return {"id": solution_id, "name": "Solution", "status": self.solutions[solution_id]}

    def solution_token(self, solution_id: str, business_id: str) -> MetaToken:
        self._enter("solution_token")
        if not any(waba["business"] == business_id for waba in self.wabas.values()):
            raise MetaError("Unsupported get request.", meta_code=100, subcode=33)
        token = f"EAAsolution{next(_count)}"
        self.tokens[token] = business_id
        return MetaToken(value=token, expires_at=self._clock.now() + timedelta(days=60))

    # --- inside -----------------------------------------------------------------------------

    def _enter(self, call: str) -> None:
        self.calls.append(call)
        self.on_call(call)
        if faults := self._faults.get(call):
            raise faults.pop(0)

    def _leave(self, call: str) -> None:
        if call in self._lost:
            self._lost.remove(call)
            raise Unavailable("the answer was lost", sent=True)

    def _own(self, waba_id: str, token: str) -> Node:
        if token not in self.tokens:
            raise MetaError("Invalid OAuth access token", meta_code=190)
        node = self.wabas.get(waba_id)
        if node is None or node["business"] != self.tokens[token]:
            raise MetaError("Unsupported get request.", meta_code=100, subcode=33)
        return node

    def _phone(self, phone_id: str, token: str) -> Node:
        phone = self.phones.get(phone_id)
        if phone is None:
            raise MetaError("Unsupported get request.", meta_code=100, subcode=33)
        self._own(phone["waba"], token)
        return phone


_WABA_SHOWN = ("id", "name", "currency", "country", "timezone_id", "account_review_status")


def _id() -> str:
    return str(10**14 + next(_count))


def _waba(waba_id: str, business_id: str, at: datetime) -> Node:
    return {
        "id": waba_id,
        "business": business_id,
        "at": at,
        "subscribed": False,
        "name": "Client GmbH",
        "currency": "EUR",
        "country": "DE",
        "timezone_id": "1",
        "account_review_status": "APPROVED",
    }


def _phone(phone_id: str, waba_id: str, ending: str) -> Node:
    live = ending in ("coexistence", "obo")
    return {
        "id": phone_id,
        "waba": waba_id,
        "pin": None,
        "region": None,
        "synced": {},
        "display_phone_number": f"+49 1523 {next(_count):07d}",
        "verified_name": "Client",
        "status": "CONNECTED" if live else "PENDING",
        "quality_rating": "UNKNOWN",
        "name_status": "APPROVED",
        "code_verification_status": "VERIFIED",
        "whatsapp_business_manager_messaging_limit": "TIER_250",
        "platform_type": "CLOUD_API" if live else "NOT_APPLICABLE",
        "account_mode": "LIVE",
        "is_on_biz_app": ending == "coexistence",
    }


def _shown(phone: Node) -> Node:
    hidden = ("waba", "pin", "region", "synced")
    told = {key: value for key, value in phone.items() if key not in hidden}
    return {**told, "is_pin_enabled": phone["pin"] is not None}
