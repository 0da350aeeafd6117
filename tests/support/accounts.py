"""Twins of what the accounts service needs from outside: search, Meta's templates, the vault."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, select

from core.accounts.entities import Channel
from core.errors import MetaError
from core.ports import Meta


class ScanningSearch:
    """`ChannelSearch` by looking at every row; for small worlds."""

    def matching(self, session: Session, partner_id: str, text: str, limit: int) -> list[str]:
        words = [col(Channel.search_text).contains(w, autoescape=True) for w in text.split()]
        query = select(Channel.id).where(Channel.partner_id == partner_id, *words)
        return list(session.exec(query.order_by(Channel.id).limit(limit)))


class PlainVault:
    """Seals so that a test can see both what was sealed and for which row."""

    def seal(self, plain: str, *, context: str) -> str:
        return f"{context}|{plain}"

    def open(self, sealed: str, *, context: str) -> str:
        sealed_for, _, plain = sealed.partition("|")
        if sealed_for != context:
            raise ValueError("sealed for something else")
        return plain


@dataclass
class TemplatesAtMeta(Meta):
    """Meta, as far as templates go: keeps them per WABA and refuses a wrong token."""

    token: str = "token"
    wabas: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    refuse: MetaError | None = None

    def templates(self, waba_id: str, token: str) -> list[dict[str, Any]]:
        self._check(token)
        return [dict(node) for node in self.wabas.get(waba_id, [])]

    def create_template(self, waba_id: str, template: dict[str, Any], token: str) -> dict[str, Any]:
        self._check(token)
        kept = self.wabas.setdefault(waba_id, [])
        answer = {"id": f"9{len(kept):014d}", "status": "PENDING"}
        answer["category"] = template["category"]
        kept.append(template | answer)
        return answer

    def edit_template(self, template_id: str, changes: dict[str, Any], token: str) -> None:
        self._check(token)
        [node] = [n for nodes in self.wabas.values() for n in nodes if n["id"] == template_id]
        node.update(changes, status="PENDING")

    def delete_template(
        self, waba_id: str, name: str, token: str, template_id: str | None = None
    ) -> None:
        self._check(token)
        kept = self.wabas.get(waba_id, [])
        self.wabas[waba_id] = [
            node for node in kept if node["name"] != name or template_id not in (None, node["id"])
        ]

    def _check(self, token: str) -> None:
        if self.refuse:
            raise self.refuse
        if token != self.token:
            raise MetaError("Invalid OAuth access token", meta_code=190)
