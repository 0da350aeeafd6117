"""`channel_live` for numbers that Meta connects later than the server sequence waits for.

Webhooks and the hourly reading keep the row's Meta status fresh, so looking at it is enough.
"""

from __future__ import annotations

from sqlmodel import Session

from core.accounts.entities import Channel, ConsentState
from core.onboarding.channels import go_live
from core.onboarding.numbers import is_connected
from core.onboarding.room import LIVE_JOB, Room
from core.ports import Everything, Jobs, Steps

_BY_ID = Everything("onboarding: a channel that is waited for names no partner")
_HOUR = 3600.0
# *Seconds* between looks; after two weeks a number that is not connected is the partner's matter.
_WAITS = (60.0, 300.0, 900.0, *[_HOUR] * 23, *[24 * _HOUR] * 13)


def wait_for_live(jobs: Jobs, session: Session, channel_id: str, run_id: str, look: int) -> None:
    """Have the channel looked at later; no workflow sleeps meanwhile."""
    if look < len(_WAITS):
        key = f"{LIVE_JOB}:{channel_id}:{run_id}:{look}"
        args = (channel_id, run_id, look)
        jobs.enqueue(session, LIVE_JOB, *args, key=key, delay=_WAITS[look])


class GoingLive:
    """Registered as the durable work `onboarding_live`."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def work(self, steps: Steps, channel_id: str, run_id: str, look: int) -> None:
        """Look once, and have it looked at again until the number is live or does not matter."""
        steps.run("look", self.look, channel_id, run_id, look)

    def look(self, channel_id: str, run_id: str, look: int) -> bool:
        """True when the number is live."""
        room = self._room
        with room.database.transaction(_BY_ID) as session:
            channel = session.get(Channel, channel_id, with_for_update=True)
            if channel is None or channel.consent != ConsentState.GRANTED:
                return False
            if not is_connected({"status": channel.meta_status}):
                wait_for_live(room.jobs, session, channel_id, run_id, look + 1)
                return False
            go_live(session, room.clock, channel, connected=True)
            return True
