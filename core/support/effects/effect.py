"""What a kind of request is about, what it would do, and how it is done.

Everything happens in the caller's transaction, in the partner's scope, behind the caller's gate.
What is previewed is worked out again when it is done, so it says nothing that is not so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlmodel import Session

from core.errors import InvalidInput
from core.support.views import Change, Obstacle

Facts = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that makes sense: `about` names what it is about, one open request for each;
    `subject` is what lists show of it."""

    about: str
    subject: str
    facts: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What would be done, as `EffectPreview` has it."""

    values: Facts = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    against: tuple[Obstacle, ...] = ()


class Effect(Protocol):
    """One kind of request."""

    def asked(self, session: Session, partner_id: str, facts: Facts) -> Asked:
        """The request with what is known of it now. Raises InvalidInput, NotFound, Conflict."""
        ...

    def planned(self, session: Session, partner_id: str, facts: Facts) -> Plan:
        """What accepting would do now."""
        ...

    def done(self, session: Session, partner_id: str, facts: Facts, by: str) -> dict[str, str]:
        """It is done; returns what is told of it. Raises the Conflict of what is against it."""
        ...


class Typed(BaseModel):
    """What came from a form."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)


def read(model: type[Typed], facts: Facts) -> dict[str, Any]:
    """The form's values. Raises InvalidInput (`bad_facts`) with `faults`: a code by field."""
    try:
        return model.model_validate(dict(facts)).model_dump()
    except ValidationError as error:
        faults = {str(fault["loc"][0]): _code(fault["type"]) for fault in error.errors()}
        raise InvalidInput(code="bad_facts", faults=faults) from error


def _code(type_: str) -> str:
    return {"missing": "needed", "string_too_short": "needed", "string_too_long": "too_long"}.get(
        type_, "not_understood"
    )
