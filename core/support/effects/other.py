"""Anything else: staff do it, or answer; the hub does nothing."""

from __future__ import annotations

from pydantic import Field
from sqlmodel import Session

from core.columns import new_key
from core.support.effects.effect import Asked, Facts, Plan, Typed, read
from core.support.entities import SUBJECT_LENGTH
from core.support.texts import storable


class _Form(Typed):
    subject: str = Field(min_length=1, max_length=SUBJECT_LENGTH)


class Other:
    """`core.support.effects.effect.Effect`."""

    def asked(self, session: Session, partner_id: str, facts: Facts) -> Asked:
        subject = read(_Form, {k: storable(v) for k, v in facts.items()})["subject"]
        # However often: two wishes may read the same.
        return Asked(about=new_key(16), subject=subject, facts={"subject": subject})

    def planned(self, session: Session, partner_id: str, facts: Facts) -> Plan:
        return Plan(values=dict(facts))

    def done(self, session: Session, partner_id: str, facts: Facts, by: str) -> dict[str, str]:
        return {}
