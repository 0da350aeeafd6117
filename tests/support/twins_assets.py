"""Templates, flows and commerce settings of `tests.support.twins.FakeMeta`."""

from __future__ import annotations

import itertools
import json
from typing import Any

from core.errors import MetaError

Node = dict[str, Any]
_count = itertools.count(1)


class AssetsAtMeta:
    """Kept per WABA; `FakeMeta` brings `_enter`, `_own` and `_phone`."""

    def __init__(self) -> None:
        self.template_nodes: dict[str, list[Node]] = {}
        self.flow_nodes: dict[str, Node] = {}
        self.commerce: dict[str, list[Node]] = {}  # by phone number id
        self.waba_solutions: dict[str, list[str]] = {}

    def _enter(self, call: str) -> None:
        raise NotImplementedError

    def _own(self, waba_id: str, token: str) -> Node:
        raise NotImplementedError

    def _phone(self, phone_id: str, token: str) -> Node:
        raise NotImplementedError

    def templates(self, waba_id: str, token: str) -> list[Node]:
        self._enter("templates")
        self._own(waba_id, token)
        return list(self.template_nodes.get(waba_id, []))

    def create_template(self, waba_id: str, template: Node, token: str) -> Node:
        self._enter("create_template")
        self._own(waba_id, token)
        kept = self.template_nodes.setdefault(waba_id, [])
        if any(_named(node) == _named(template) for node in kept):
            raise MetaError("There is already content", meta_code=100, subcode=2388024)
        kept.append({"id": new_id(), "status": "PENDING", **template})
        return {key: kept[-1][key] for key in ("id", "status", "category")}

    def edit_template(self, template_id: str, changes: Node, token: str) -> None:
        self._enter("edit_template")
        waba_id, node = self._template(template_id)
        self._own(waba_id, token)
        if node["status"] not in ("APPROVED", "REJECTED", "PAUSED"):
            raise MetaError("This template cannot be edited.", meta_code=100)
        node.update(changes, status="PENDING")

    def delete_template(
        self, waba_id: str, name: str, token: str, template_id: str | None = None
    ) -> None:
        self._enter("delete_template")
        self._own(waba_id, token)
        kept = self.template_nodes.get(waba_id, [])
        self.template_nodes[waba_id] = [
            node for node in kept if node["name"] != name or template_id not in (None, node["id"])
        ]

    def flows(self, waba_id: str, token: str) -> list[Node]:
        self._enter("flows")
        self._own(waba_id, token)
        mine = [flow for flow in self.flow_nodes.values() if flow["waba"] == waba_id]
        return [_flow(flow) for flow in reversed(mine)]

    def flow(self, flow_id: str, token: str) -> Node:
        self._enter("flow")
        flow = self._own_flow(flow_id, token)
        return {**_flow(flow), "whatsapp_business_account": {"id": flow["waba"]}}

    def create_flow(self, waba_id: str, flow: Node, token: str) -> str:
        self._enter("create_flow")
        self._own(waba_id, token)
        mine = [known for known in self.flow_nodes.values() if known["waba"] == waba_id]
        if any(known["name"] == flow["name"] for known in mine):
            raise MetaError("Invalid parameter", meta_code=100, subcode=4016019)
        node = {"id": new_id(), "waba": waba_id, "status": "DRAFT", "validation_errors": None}
        self.flow_nodes[str(node["id"])] = node | flow
        return str(node["id"])

    def upload_flow_json(self, flow_id: str, content: bytes, token: str) -> list[Node]:
        self._enter("upload_flow_json")
        flow = self._draft(flow_id, token)
        try:
            json.loads(content)
            faults: list[Node] = []
        except ValueError:
            message = "The file is not valid JSON."
            faults = [{"error": "INVALID_JSON", "error_type": "SCHEMA", "message": message}]
        flow["validation_errors"] = faults
        return faults

    def publish_flow(self, flow_id: str, token: str) -> None:
        self._enter("publish_flow")
        flow = self._draft(flow_id, token)
        if flow["validation_errors"] is None or flow["validation_errors"]:
            raise MetaError("Publishing failed", meta_code=139000)
        flow["status"] = "PUBLISHED"

    def commerce_settings(self, phone_id: str, token: str) -> list[Node]:
        self._enter("commerce_settings")
        self._phone(phone_id, token)
        return self.commerce.get(phone_id, [])

    def solutions_of(self, waba_id: str, token: str) -> list[str]:
        self._enter("solutions_of")
        self._own(waba_id, token)
        return self.waba_solutions.get(waba_id, [])

    def _template(self, template_id: str) -> tuple[str, Node]:
        for waba_id, nodes in self.template_nodes.items():
            for node in nodes:
                if node["id"] == template_id:
                    return waba_id, node
        raise MetaError("Unsupported post request.", meta_code=100, subcode=33)

    def _own_flow(self, flow_id: str, token: str) -> Node:
        flow = self.flow_nodes.get(flow_id)
        if flow is None:
            raise MetaError("Unsupported get request.", meta_code=100, subcode=33)
        self._own(flow["waba"], token)
        return flow

    def _draft(self, flow_id: str, token: str) -> Node:
        flow = self._own_flow(flow_id, token)
        if flow["status"] != "DRAFT":
            raise MetaError("Only a draft can be changed.", meta_code=139000)
        return flow


def new_id() -> str:
    """An id as Meta writes them."""
    return str(3 * 10**14 + next(_count))


def _named(node: Node) -> tuple[str, str]:
    return node["name"], node["language"]


def _flow(flow: Node) -> Node:
    shown = ("id", "name", "status", "categories")
    return {name: flow[name] for name in shown} | {
        "validation_errors": flow["validation_errors"] or []
    }
