"""Whose a row is: by which column a table is tied to a person, a client or an e-mail address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Table, func, or_
from sqlmodel import Session, col, select

from core.accounts.entities import Client
from core.columns import metadata
from core.errors import NotFound
from core.partners.entities import Person


class By(StrEnum):
    """What a tie's column holds."""

    PERSON = "person"  # somebody who signs in
    CLIENT = "client"  # whose contact person it is
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Tie:
    """`erases` names columns of such a row; `goes` when the whole row does."""

    table: str
    column: str
    by: By
    erases: tuple[str, ...] = ()
    goes: bool = False


TIES = (
    Tie("person", "id", By.PERSON, ("name", "email", "preferences")),
    Tie("identity", "person_id", By.PERSON, goes=True),
    Tie("user_session", "person_id", By.PERSON, goes=True),
    Tie("saved_view", "person_id", By.PERSON, goes=True),
    Tie("membership", "person_id", By.PERSON),
    Tie("invitation", "email", By.EMAIL, ("email", "name")),
    Tie("invitation", "accepted_by", By.PERSON, ("email", "name")),
    Tie("invitation", "invited_by", By.PERSON),
    Tie("event_origin", "actor", By.PERSON, ("address", "agent", "salt")),
    Tie("event", "actor", By.PERSON),
    Tie("event", "subject_id", By.PERSON),
    Tie("event", "subject_id", By.CLIENT),
    Tie("template", "created_by", By.PERSON, ("created_by_name",)),
    Tie("template", "modified_by", By.PERSON, ("modified_by_name",)),
    Tie("client", "modified_by", By.PERSON, ("modified_by_name",)),
    Tie("api_key", "created_by", By.PERSON),
    Tie("api_user", "created_by", By.PERSON),
    Tie("support_conversation", "opened_by", By.PERSON),
    Tie("support_message", "author_id", By.PERSON),
    Tie("support_request", "made_by", By.PERSON),
    Tie("support_request", "about", By.PERSON),
    Tie("support_file", "uploaded_by", By.PERSON),
    Tie("card_page_visit", "actor", By.PERSON),
    Tie("plan_change", "actor", By.PERSON),
    Tie("client", "id", By.CLIENT, ("email", "full_name", "phone", "contact")),
    Tie("onboarding_run", "client_id", By.CLIENT, ("email", "full_name")),
    Tie("onboarding_run", "email", By.EMAIL, ("email", "full_name")),
    Tie("payment_customer", "client_id", By.CLIENT, ("email", "name")),
    Tie("payment_customer", "email", By.EMAIL, ("email", "name")),
    Tie("card", "client_id", By.CLIENT),
    Tie("payment", "actor", By.PERSON),
    Tie("payment", "client_id", By.CLIENT),
    Tie("invoice", "client_id", By.CLIENT),
    Tie("billing_details", "client_id", By.CLIENT),
    Tie("billing_details", "email", By.EMAIL),
    Tie("billing_details", "saved_by", By.PERSON),
)


# What such rows call the person; a `name` alone may be a thing's.
_NAMES = ("full_name",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Somebody:
    """One person as the hub knows them: signing in, as a client's contact, or both."""

    person_ids: frozenset[str]
    client_ids: frozenset[str]
    emails: frozenset[str]  # in lower case
    names: frozenset[str] = field(default_factory=frozenset)
    partner_ids: frozenset[str] = field(default_factory=frozenset)

    def values(self, by: By) -> frozenset[str]:
        """What a tie of that kind looks for."""
        return {
            By.PERSON: self.person_ids,
            By.CLIENT: self.client_ids,
            By.EMAIL: self.emails,
        }[by]


def somebody(session: Session, asked: str) -> Somebody:
    """By an e-mail address, or by the id of a person or client. Raises NotFound."""
    text = asked.strip()
    people = session.exec(select(Person).where(_is(Person, text))).all()
    clients = session.exec(select(Client).where(_is(Client, text))).all()
    known = [*(each.email for each in people), *(each.email for each in clients)]
    emails = {email.lower() for email in known if email}
    if "@" in text:
        emails.add(text.lower())
    found = Somebody(
        person_ids=frozenset(row.id for row in people),
        client_ids=frozenset(row.id for row in clients),
        emails=frozenset(emails),
    )
    rows = [row for tie in TIES for row in rows_of(session, tie, found)]
    if not rows:
        raise NotFound(asked=text)
    named = [row[name] for row in rows for name in _NAMES if row.get(name)]
    return replace(
        found,
        names=frozenset([*named, *(row.name for row in people)]),
        partner_ids=frozenset(row["partner_id"] for row in rows if row.get("partner_id")),
    )


def table_of(tie: Tie) -> Table:
    """The tie's table."""
    return metadata.tables[tie.table]


def condition(tie: Tie, who: Somebody) -> ColumnElement[bool]:
    """Rows of the table that are tied to somebody by this tie."""
    column = table_of(tie).c[tie.column]
    wanted = sorted(who.values(tie.by))
    return func.lower(column).in_(wanted) if tie.by is By.EMAIL else column.in_(wanted)


def rows_of(session: Session, tie: Tie, who: Somebody) -> Iterator[dict[str, Any]]:
    """The rows themselves, by column; the session sees all partners' rows."""
    if not who.values(tie.by):
        return
    found = table_of(tie).select().where(condition(tie, who))
    for row in session.execute(found).mappings():
        yield dict(row)


def _is(kind: type[Person] | type[Client], text: str) -> ColumnElement[bool]:
    return or_(col(kind.id) == text, func.lower(col(kind.email)) == text.lower())
