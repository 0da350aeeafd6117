"""When a number may have a key: a table of what stands, and why there is none."""

from __future__ import annotations

import pytest

from core.accounts.entities import ChannelStatus, ConsentState
from core.accounts.states import State
from core.errors import Conflict, Forbidden
from core.integration.api.key_rules import NoKey, refusal, why_no_key

_READY = {"status": "ready", "consent": "granted", "state": "live", "ended": False}


@pytest.mark.parametrize("state", [each for each in State if each is not State.REMOVED])
def test_a_ready_number_with_permission_may_whatever_meta_says(state: State) -> None:
    gone = state in (State.DELETED, State.MIGRATED)
    assert why_no_key(**_READY | {"state": state}) is (NoKey.GONE if gone else None)


@pytest.mark.parametrize("status", [each for each in ChannelStatus if each != "ready"])
def test_no_other_status_may(status: ChannelStatus) -> None:
    assert why_no_key(**_READY | {"status": status}) is NoKey.NOT_READY


@pytest.mark.parametrize(
    ("values", "why", "code"),
    [
        ({"consent": ConsentState.PENDING}, NoKey.PENDING, "permission_not_granted"),
        ({"consent": ConsentState.PENDING, "status": "created"}, NoKey.PENDING, None),
        ({"consent": ConsentState.REVOKED}, NoKey.WITHDRAWN, "permission_not_granted"),
        ({"state": State.REMOVED}, NoKey.WITHDRAWN, "permission_not_granted"),
        ({"status": "created"}, NoKey.NOT_READY, "number_not_ready"),
        ({"state": State.DELETED, "consent": ConsentState.REVOKED}, NoKey.GONE, "number_gone"),
        ({"ended": True, "consent": ConsentState.REVOKED}, NoKey.ENDED, "number_ended"),
    ],
)
def test_the_reason_that_stands_longest_is_told(
    values: dict[str, object], why: NoKey, code: str | None
) -> None:
    assert why_no_key(**_READY | values) is why  # type: ignore[arg-type]
    refused = refusal(why, "f167CmCH")
    assert refused.code == (code or refused.code)
    over = why in (NoKey.ENDED, NoKey.GONE)
    assert isinstance(refused, Conflict if over else Forbidden)
