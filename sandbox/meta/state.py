"""Everything Meta knows, as plain nodes keyed by id, so that a seed is JSON and a read is a copy.

Nodes hold more than Graph shows: what is visible is decided by the field lists of each node type.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sandbox.meta.values import Node

CODE_LIFETIME = timedelta(seconds=30)


@dataclass(slots=True, kw_only=True)
class Token:
    """An access token and whom it speaks for."""

    value: str
    kind: str  # business | app | system | solution | webhook-less kinds are never stored
    business_id: str
    issued_at: datetime
    expires_at: datetime | None = None
    revoked: bool = False


@dataclass(slots=True, kw_only=True)
class Code:
    """An onboarding code: its 30 seconds begin when the client leaves the popup."""

    value: str
    app_id: str
    business_id: str
    started_at: datetime | None = None
    used: bool = False

    def expired(self, now: datetime) -> bool:
        """Whether the 30 seconds are over."""
        return self.started_at is not None and now - self.started_at >= CODE_LIFETIME


@dataclass(slots=True)
class AppSubscription:
    """The app-level webhook: `fields` None stands for all fields."""

    callback_url: str
    fields: list[str] | None = None
    active: bool = True


@dataclass(slots=True)
class MetaState:
    """All nodes, by kind and id."""

    app: AppSubscription
    businesses: dict[str, Node] = field(default_factory=dict)
    wabas: dict[str, Node] = field(default_factory=dict)
    phones: dict[str, Node] = field(default_factory=dict)
    templates: dict[str, Node] = field(default_factory=dict)
    flows: dict[str, Node] = field(default_factory=dict)
    solutions: dict[str, Node] = field(default_factory=dict)
    credit_lines: dict[str, Node] = field(default_factory=dict)
    allocations: dict[str, Node] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)

    def find(self, node_id: str) -> tuple[str, Node] | None:
        """The kind and the node with this id."""
        for kind, nodes in self._kinds():
            if node_id in nodes:
                return kind, nodes[node_id]
        return None

    def _kinds(self) -> list[tuple[str, dict[str, Node]]]:
        return [
            ("waba", self.wabas),
            ("phone", self.phones),
            ("template", self.templates),
            ("flow", self.flows),
            ("business", self.businesses),
            ("solution", self.solutions),
            ("credit_line", self.credit_lines),
            ("allocation", self.allocations),
        ]

    def phones_of(self, waba_id: str) -> list[Node]:
        """The numbers of one account, oldest first."""
        return [phone for phone in self.phones.values() if phone["waba_id"] == waba_id]

    def templates_of(self, waba_id: str) -> list[Node]:
        """The templates of one account."""
        return [item for item in self.templates.values() if item["waba_id"] == waba_id]

    def wabas_of(self, business_id: str) -> list[Node]:
        """The accounts of one client portfolio, newest first, as `debug_token` lists them."""
        mine = [waba for waba in self.wabas.values() if waba["business_id"] == business_id]
        return sorted(reversed(mine), key=lambda waba: -int(waba["creation_time"]))

    def portfolio_phones(self, business_id: str) -> list[Node]:
        """Every number of a portfolio: they share one messaging limit."""
        wabas = {waba["id"] for waba in self.wabas_of(business_id)}
        return [phone for phone in self.phones.values() if phone["waba_id"] in wabas]

    def phone_by_number(self, number: str) -> Node | None:
        """The number written in any way."""
        wanted = digits(number)
        matches = (p for p in self.phones.values() if digits(p["display_phone_number"]) == wanted)
        return next(matches, None)

    def dump(self) -> dict[str, Any]:
        """A JSON view for the control page; tokens are shown by kind only."""
        return {
            "businesses": list(self.businesses.values()),
            "wabas": list(self.wabas.values()),
            "phone_numbers": list(self.phones.values()),
            "templates": list(self.templates.values()),
            "flows": list(self.flows.values()),
            "solutions": list(self.solutions.values()),
            "credit_lines": list(self.credit_lines.values()),
            "allocations": list(self.allocations.values()),
            "tokens": [
                {"kind": t.kind, "business_id": t.business_id, "revoked": t.revoked}
                for t in self.tokens.values()
            ],
            "app_subscription": {
                "callback_url": self.app.callback_url,
                "fields": self.app.fields,
                "active": self.app.active,
            },
        }


def new_id() -> str:
    """A fresh 15-digit id; never reused, also not after a reset."""
    return str(10**14 + secrets.randbelow(9 * 10**14))


def digits(text: str) -> str:
    """Only the digits of a phone number."""
    return "".join(char for char in text if char.isdigit())
