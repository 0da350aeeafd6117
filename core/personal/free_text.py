"""Puts a pseudonym where a person's name or address stands inside texts that somebody wrote.

Addresses are looked for everywhere, names with the partners that the person had to do with, and
only whole ones of two words: a first name alone may be anybody's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, LargeBinary, Table, Text, cast, func, or_
from sqlalchemy.sql.expression import literal, update
from sqlmodel import Session

from core.columns import metadata
from core.personal.columns import FREE
from core.personal.ties import Somebody


@dataclass(frozen=True, slots=True, kw_only=True)
class Pseudonym:
    """What takes the place of somebody's name and address, from one erasure on."""

    name: str
    email: str


def hide(session: Session, who: Somebody, instead: Pseudonym) -> int:
    """How many rows were rewritten; the session sees all partners' rows."""
    done = 0
    addresses = dict.fromkeys(who.emails, instead.email)
    names = {name: instead.name for name in who.names if len(name.split()) > 1}
    for table, columns in sorted(FREE.items()):
        done += _hide_in(session, metadata.tables[table], columns, addresses, who, everywhere=True)
        done += _hide_in(session, metadata.tables[table], columns, names, who, everywhere=False)
    return done


def replaced(value: Any, words: Mapping[str, str]) -> Any:
    """The value with every word replaced, whatever its letters' case; JSON all the way down."""
    if isinstance(value, str):
        for word, instead in words.items():
            value = re.sub(re.escape(word), instead, value, flags=re.IGNORECASE)
        return value
    if isinstance(value, bytes):
        words = {json.dumps(word)[1:-1]: instead for word, instead in words.items()} | dict(words)
        return replaced(value.decode("utf-8", "surrogateescape"), words).encode(
            "utf-8", "surrogateescape"
        )
    if isinstance(value, dict):
        return {name: replaced(each, words) for name, each in value.items()}
    return [replaced(each, words) for each in value] if isinstance(value, list) else value


def _hide_in(
    session: Session,
    table: Table,
    columns: Iterable[str],
    words: Mapping[str, str],
    who: Somebody,
    *,
    everywhere: bool,
) -> int:
    if not words:
        return 0
    keys = list(table.primary_key.columns)
    held = [table.c[name] for name in columns]
    asked = table.select().where(or_(*(_holds(session, each, words) for each in held)))
    if not everywhere and "partner_id" in table.c:
        asked = asked.where(table.c.partner_id.in_(sorted(who.partner_ids)))
    rows = session.execute(asked).mappings().all()
    for row in rows:
        fresh = {name: replaced(row[name], words) for name in columns}
        cut = {name: _cut(table.c[name], told) for name, told in fresh.items()}
        same = [key == row[key.name] for key in keys]
        session.execute(update(table).where(*same).values(**cut))
    return len(rows)


def _holds(session: Session, column: Column[Any], words: Mapping[str, str]) -> ColumnElement[bool]:
    """Whether a word stands in it, as the database can tell; letters' case aside where it can."""
    if isinstance(column.type, LargeBinary):
        return or_(*(_in_bytes(session, column, word) for word in words))
    text = cast(column, Text) if isinstance(column.type, JSON) else column
    # SQLite knows upper and lower case of ASCII only, and search columns are in lower case.
    cased = {form for word in words for form in (word, word.lower(), word.upper())}
    forms = {*cased, *(json.dumps(form)[1:-1] for form in cased)}
    return or_(*(text.icontains(form, autoescape=True) for form in sorted(forms)))


def _in_bytes(session: Session, column: Column[Any], word: str) -> ColumnElement[bool]:
    """In a body as it was sent: as it is written, or escaped."""
    forms = {word.encode(), json.dumps(word)[1:-1].encode()}
    if session.get_bind().dialect.name == "sqlite":
        return or_(*(func.instr(column, literal(form)) > 0 for form in sorted(forms)))
    return or_(*(column.op("LIKE")(literal(_pattern(form))) for form in sorted(forms)))


def _pattern(form: bytes) -> bytes:
    for special in (b"\\", b"%", b"_"):
        form = form.replace(special, b"\\" + special)
    return b"%" + form + b"%"


def _cut(column: Column[Any], told: Any) -> Any:
    length = getattr(column.type, "length", None)
    return told[:length] if isinstance(told, str) and length else told
