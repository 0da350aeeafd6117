"""Finds what a scenario is about, from whatever the caller knows: id, number, or nothing."""

from dataclasses import dataclass
from typing import Any

from sandbox.meta.seeding import add_template
from sandbox.meta.state import MetaState
from sandbox.meta.values import Node


class NoTarget(LookupError):
    """The world has nothing of that id or number."""


@dataclass(slots=True)
class Target:
    """An account, and one of its numbers when it has any."""

    state: MetaState
    waba: Node
    phone_or_none: Node | None
    options: dict[str, Any]

    @property
    def phone(self) -> Node:
        """The number; NoTarget for an account without one."""
        if self.phone_or_none is None:
            raise NoTarget(f"account {self.waba['id']} has no number")
        return self.phone_or_none

    @property
    def template(self) -> Node:
        """The named template, else the first; a sample is made for an account without any."""
        wanted = {self.options.get("template_id"), self.options.get("template_name")} - {None}
        templates = self.state.templates_of(self.waba["id"])
        for template in templates:
            if not wanted or wanted & {template["id"], template["name"]}:
                return template
        if wanted:
            raise NoTarget(f"no template {wanted}")
        return add_template(self.state, self.waba["id"], {"name": "order_update"})

    @property
    def phones(self) -> list[Node]:
        """All numbers of the account."""
        return self.state.phones_of(self.waba["id"])


def resolve(state: MetaState, given: dict[str, Any]) -> Target:
    """The target named by phone_number_id, display_phone_number or waba_id, else the newest."""
    phone = _phone(state, given)
    if phone is not None:
        return Target(state, state.wabas[phone["waba_id"]], phone, given)
    waba = _waba(state, given)
    phones = state.phones_of(waba["id"])
    return Target(state, waba, phones[0] if phones else None, given)


def _phone(state: MetaState, given: dict[str, Any]) -> Node | None:
    if phone_id := given.get("phone_number_id"):
        if phone_id not in state.phones:
            raise NoTarget(f"no number {phone_id}")
        return state.phones[phone_id]
    if number := given.get("display_phone_number"):
        found = state.phone_by_number(number)
        if found is None:
            raise NoTarget(f"no number {number}")
        return found
    return None


def _waba(state: MetaState, given: dict[str, Any]) -> Node:
    if waba_id := given.get("waba_id"):
        if waba_id not in state.wabas:
            raise NoTarget(f"no account {waba_id}")
        return state.wabas[waba_id]
    if not state.wabas:
        raise NoTarget("there is no account yet")
    return list(state.wabas.values())[-1]
