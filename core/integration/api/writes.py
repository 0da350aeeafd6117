"""A write that is sent twice with the same Idempotency-Key happens once.

The unique key decides who was first; the answer is kept for a day, sealed, for it may hold a
secret. A write that failed has kept nothing: the same key may try again.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete

from core.access import Principal
from core.errors import Conflict, Forbidden, InvalidInput
from core.integration.api.room import Room
from core.integration.api_entities import IdempotentWrite
from core.ports import Everything
from core.programs import refusal_of

KEPT_FOR = timedelta(hours=24)
# Longer than any write takes: its process is gone.
_GIVEN_UP_AFTER = timedelta(minutes=2)
_OLD = Everything("partner API: answers kept for repeated writes are over")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What the first of the writes was answered."""

    status: int
    body: bytes = field(repr=False)


class Writes:
    """Used by the routes around every write that carries a key."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def begin(self, who: Principal, key: str, request_hash: str) -> Answered | None:
        """None: do it, then `finish` or `release`. Otherwise the answer that was given.

        Raises InvalidInput (`idempotency_key_reused`) for another request with the key, Conflict
        (`idempotency_in_progress`), NotSignedIn.
        """
        row = IdempotentWrite(
            partner_id=who.tenant.partner_id,
            key=key,
            request_hash=request_hash,
            created_at=self._room.clock.now(),
        )
        try:
            with self._room.database.transaction(who.tenant) as session:
                self._require_known(session, who)
                session.add(row)
            return None
        except IntegrityError:
            return self._before(who, key, request_hash)

    def finish(self, who: Principal, key: str, status: int, body: bytes) -> None:
        """The same key is answered with this from now on."""
        sealed = self._room.vault.seal(base64.b64encode(body).decode(), context=_context(who, key))
        with self._room.database.transaction(who.tenant) as session:
            row = session.get(IdempotentWrite, (who.tenant.partner_id, key))
            if row is not None:
                row.status, row.answer = status, sealed.encode()
                session.add(row)

    def release(self, who: Principal, key: str) -> None:
        """The key is free again, for the write did not happen."""
        with self._room.database.transaction(who.tenant) as session:
            row = session.get(IdempotentWrite, (who.tenant.partner_id, key))
            if row is not None and not row.status:
                session.delete(row)

    def forget_old(self) -> int:
        """Answers of more than a day ago are deleted; how many."""
        before = self._room.clock.now() - KEPT_FOR
        with self._room.database.transaction(_OLD) as session:
            old = delete(IdempotentWrite).where(col(IdempotentWrite.created_at) <= before)
            return int(session.execute(old).rowcount)  # type: ignore[attr-defined]

    def _before(self, who: Principal, key: str, request_hash: str) -> Answered | None:
        now = self._room.clock.now()
        with self._room.database.transaction(who.tenant) as session:
            self._require_known(session, who)
            place = (who.tenant.partner_id, key)
            row = session.get(IdempotentWrite, place, with_for_update=True)
            if row is None:  # released in the meantime
                raise Conflict(code="idempotency_in_progress")
            age = now - row.created_at
            is_over = age >= (KEPT_FOR if row.status else _GIVEN_UP_AFTER)
            if is_over:
                row.request_hash, row.created_at = request_hash, now
                row.status, row.answer = 0, b""
                session.add(row)
                return None
            if row.request_hash != request_hash:
                raise InvalidInput(code="idempotency_key_reused", field="Idempotency-Key")
            if not row.status:
                raise Conflict(code="idempotency_in_progress")
            sealed, status = row.answer.decode(), row.status
        text = self._room.vault.open(sealed, context=_context(who, key))
        return Answered(status=status, body=base64.b64decode(text))

    def _require_known(self, session: Session, who: Principal) -> None:
        """The key or token is still good; what it may do, the verb itself asks."""
        if who.credential is None:
            raise Forbidden
        refusal = refusal_of(
            session,
            self._room.clock.now(),
            who.credential,
            who.tenant,
            permission="",
            writes=True,
        )
        if refusal is not None and not isinstance(refusal, Forbidden):
            raise refusal


def _context(who: Principal, key: str) -> str:
    return f"idempotent_write:{who.tenant.partner_id}:{key}"
