"""What QA and tests arm: faults of the API, outcomes of the next charges, webhook disorder.

A fault is used up by one matching call each.
"""

from collections import deque
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

# What a call does; `any` in a fault means every one that changes something.
Act = Literal[
    "any", "customer", "card_page", "forget_card", "create", "confirm", "cancel", "refund", "read"
]


class FaultKind(StrEnum):
    """Ways in which a call goes wrong."""

    ERROR_BEFORE = "error_before"  # nothing is done; the key remembers the 500
    ERROR_AFTER = "error_after"  # it is done; the key remembers the 500
    ANSWER_LOST = "answer_lost"  # it is done, the connection breaks; the key knows the answer
    HANGS_AFTER = "hangs_after"  # it is done, the answer comes after `seconds`
    SLOW = "slow"  # the work begins after `seconds`; the key is taken meanwhile
    UNAVAILABLE = "unavailable"  # 503, nothing is done or remembered
    RATE_LIMITED = "rate_limited"  # 429, nothing is done or remembered


class Fault(BaseModel):
    """One armed fault."""

    model_config = ConfigDict(extra="forbid")

    kind: FaultKind
    on: Act = "any"
    times: int = Field(default=1, ge=1)
    skip: int = Field(default=0, ge=0)  # let so many matching calls through first
    seconds: float = Field(default=5, ge=0, le=300)

    def matches(self, act: str) -> bool:
        return self.on == act or (self.on == "any" and act != "read")


class Outcome(BaseModel):
    """What the next charges or refunds come to; give one of them."""

    model_config = ConfigDict(extra="forbid")

    decline_code: str = ""
    action: bool = False  # the holder has to confirm
    processing: bool = False  # neither charged nor declined until told
    refund: Literal["", "pending", "failed"] = ""
    times: int = Field(default=1, ge=1, le=1000)


class WebhookSwitches(BaseModel):
    """How events are told; everything at its normal position by default."""

    model_config = ConfigDict(extra="forbid")

    copies: int = Field(default=1, ge=1, le=10)
    delay_seconds: float = Field(default=0, ge=0, le=3600)
    lose_next: int = Field(default=0, ge=0)  # so many events are never sent
    hold: bool = False  # keep all until they are released
    bad_signature: bool = False
    retry_delays: list[float] = [0.5, 1.0, 2.0, 4.0, 8.0, 15.0]


class Switches:
    """All of them; a reset makes new ones."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.outcomes: deque[Outcome] = deque()
        self.refunds: deque[str] = deque()
        self.webhooks = WebhookSwitches()

    def arm(self, outcome: Outcome) -> None:
        """For the next charges, or the next refunds."""
        for _ in range(outcome.times):
            if outcome.refund:
                self.refunds.append(outcome.refund)
            else:
                self.outcomes.append(outcome)

    def take_fault(self, act: str) -> Fault | None:
        """The first armed fault for this call, used up by one."""
        for fault in self.faults:
            if not fault.matches(act):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            fault.times -= 1
            if not fault.times:
                self.faults.remove(fault)
            return fault
        return None
