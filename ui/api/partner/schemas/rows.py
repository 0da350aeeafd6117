"""Users and audit events."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from ui.api.partner.schemas.common import ListFrame, Told, moment, says


class UserObject(Told):
    """A person who works for the partner."""

    id: str = says("Id of the person.", "Ab3dEf6hIj9lMn0p")
    name: str = says("Name.", "Ada Acme")
    email: str = says("E-mail address.", "ada@acme.example")
    role: str = says("`owner` or `member`.", "owner")
    since: str = moment("When the person joined.")
    last_seen_at: str = moment("When the person was here last.", missing=True)


class UserList(ListFrame):
    """A page of users."""

    users: list[UserObject] = Field(description="The people, owners first.")


class AuditEventObject(Told):
    """Something that happened, and who did it."""

    id: str = says("Its id; later events have larger ones.", "4711")
    type: str = says("What happened.", "channel_live")
    subject_type: str = says("To what.", "channel")
    subject_id: str = says("To which.", "f167CmCH")
    at: str = moment("When.")
    actor: str = says(
        "A person's id, `key:` or `user:` with a program's, client, meta or hub.", "hub"
    )
    actor_name: str = says("The person's, API key's or system user's name; '' for others.", "")
    data: dict[str, Any] = says("What changed; never a secret.", {"phone_number": "4915550001"})


class AuditEventList(ListFrame):
    """A page of events."""

    audit_events: list[AuditEventObject] = Field(description="The events, the newest first.")
