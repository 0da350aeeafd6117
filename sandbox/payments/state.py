"""Everything that exists at the provider, by id."""

import copy
from dataclasses import dataclass, field
from typing import Any

from sandbox.payments.errors import missing
from sandbox.payments.values import Node

_KINDS = {
    "cus": "customer",
    "pm": "payment_method",
    "cs": "checkout.session",
    "seti": "setupintent",
    "pi": "payment_intent",
    "ch": "charge",
    "re": "refund",
    "du": "dispute",
    "evt": "event",
}


@dataclass
class State:
    """Objects by id, in the order in which they began."""

    objects: dict[str, Node] = field(default_factory=dict)
    # What the published number of a saved card does; a number itself is not kept with the card.
    numbers: dict[str, str] = field(default_factory=dict)
    # Set by QA: this card is declined with this word from now on.
    card_declines: dict[str, str] = field(default_factory=dict)

    def add(self, node: Node) -> Node:
        self.objects[node["id"]] = node
        return node

    def find(self, object_id: str, prefix: str) -> Node:
        """Raises Stripe's `resource_missing`."""
        node = self.objects.get(object_id)
        if node is None or not object_id.startswith(f"{prefix}_"):
            raise missing(_KINDS[prefix], object_id)
        return node

    def all(self, prefix: str) -> list[Node]:
        """The newest first."""
        start = f"{prefix}_"
        return [node for key, node in reversed(self.objects.items()) if key.startswith(start)]

    def shown(self, node: Node, expand: Any = None) -> Node:
        """A copy for an answer, with the wished references as whole objects."""
        told = copy.deepcopy(node)
        for path in expand if isinstance(expand, list) else []:
            self._expand(told, str(path).split("."))
        return told

    def _expand(self, node: Any, path: list[str]) -> None:
        if isinstance(node, list):
            for part in node:
                self._expand(part, path)
        elif isinstance(node, dict) and path and path[0] in node:
            value = node[path[0]]
            if isinstance(value, str) and value in self.objects:
                node[path[0]] = copy.deepcopy(self.objects[value])
            self._expand(node[path[0]], path[1:])


def listed(rows: list[Node], url: str, limit: int = 10) -> Node:
    """Stripe's list object."""
    return {"object": "list", "url": url, "has_more": len(rows) > limit, "data": rows[:limit]}
