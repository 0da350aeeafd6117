"""How support is put together on its ports, and the durable work that belongs to it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from core.ports import Everything
from core.support.desk import Desk
from core.support.effects.company import CompanyData
from core.support.effects.effect import Effect
from core.support.effects.numbers import DeleteNumber
from core.support.effects.other import Other
from core.support.effects.people import RemoveUser
from core.support.effects.plan import Downgrade
from core.support.files import forget_unsent
from core.support.mailing import Mailing
from core.support.room import Room
from core.support.service import Support
from core.support.states import RequestKind

SWEEP = "support_files"
_EVERY = timedelta(hours=1)
# A draft with its files that nobody sent for a day is forgotten.
_UNSENT = timedelta(days=1)
_ALL = Everything("support: files that nobody sent")


def put_together(room: Room) -> tuple[Support, Desk]:
    """The partner's side and the desk; registers their mails and the sweep of unsent files."""
    effects: dict[RequestKind, Effect] = {
        RequestKind.REMOVE_USER: RemoveUser(room.clock),
        RequestKind.DOWNGRADE: Downgrade(room.plans),
        RequestKind.COMPANY_DATA: CompanyData(room.details),
        RequestKind.DELETE_NUMBER: DeleteNumber(room.clock, room.jobs),
        RequestKind.OTHER: Other(),
    }
    Mailing(room)
    room.jobs.schedule(SWEEP, _EVERY, partial(sweep, room))
    return Support(room, effects), Desk(room, effects)


def sweep(room: Room) -> int:
    """Old files that nobody sent are gone; how many."""
    with room.database.transaction(_ALL) as session:
        return forget_unsent(session, room.now() - _UNSENT)
