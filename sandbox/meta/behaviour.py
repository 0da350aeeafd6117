"""The switches of the room: faults, popup order, webhook disorder. Reset with the world.

A fault is taken once per matching call until its `times` are used up.
"""

import re
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from sandbox.meta.errors import GraphError


@dataclass(slots=True)
class Fault:
    """What goes wrong with the next matching Graph calls."""

    path_pattern: str = ".*"
    method: str | None = None
    times: int = 1
    # Let so many matching calls through first.
    skip: int = 0
    code: int | None = None
    subcode: int | None = None
    http: int | None = None
    message: str = "An injected fault"
    hang_seconds: float = 0
    # True: do the work, answer 500. "drop": do the work, cut the connection.
    answer_lost: bool | str = False

    def matches(self, method: str, path: str) -> bool:
        """Whether this fault is still armed for the call (path without the version)."""
        if self.times <= 0 or (self.method and self.method.upper() != method):
            return False
        return re.search(self.path_pattern, path) is not None

    def error(self) -> GraphError | None:
        """The refusal, when the fault is one and the work is not to be done."""
        if self.answer_lost or (self.code is None and self.http is None):
            return None
        code = 1 if self.code is None else self.code
        transient = code in (1, 2, 4, 80007)
        return GraphError(
            code,
            f"(#{code}) {self.message}",
            subcode=self.subcode,
            http=self.http,
            details=self.message,
            transient=transient,
        )


@dataclass(slots=True)
class Behaviour:
    """Every switch with its normal position."""

    # The popup's two signals: code_first | message_first | message_lost.
    order: str = "code_first"
    code_delay_seconds: float = 0
    # The number that the next popups offer; None makes a fresh one.
    phone: str | None = None
    new_account_review: str = "PENDING"
    debug_without_management_scope: bool = False
    # Webhook delivery: copies, order inside one burst, updates per body.
    duplicate: int = 1
    shuffle: bool = False
    batch_size: int = 1
    retry_delays: list[float] = field(default_factory=lambda: [0.5, 1.0, 2.0, 4.0, 8.0, 15.0])
    # Keep webhooks back until POST /control/meta/flush.
    hold: bool = False
    bad_signature: bool = False
    misplaced_field: bool = False
    # Percent shown in X-Business-Use-Case-Usage; None shows the real count.
    usage_percent: int | None = None
    enforce_rate_limits: bool = False
    fail: list[Fault] = field(default_factory=list)

    def change(self, given: dict[str, Any]) -> None:
        """Sets the given switches and leaves the others; unknown names are refused."""
        known = {item.name for item in fields(self)}
        if unknown := set(given) - known:
            raise ValueError(f"unknown switch: {', '.join(sorted(unknown))}")
        for name, value in given.items():
            setattr(self, name, [Fault(**fault) for fault in value] if name == "fail" else value)

    def take_fault(self, method: str, path: str) -> Fault | None:
        """The first armed fault for this call; it is used up by one."""
        for fault in self.fail:
            if not fault.matches(method, path):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.times -= 1
            return fault
        return None

    def dump(self) -> dict[str, Any]:
        """All switches as JSON."""
        return asdict(self)
