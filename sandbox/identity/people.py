"""The people who can sign in: the seeded ones and whoever QA types into the form."""

import hashlib
from typing import Any

from pydantic import BaseModel, ConfigDict


class Person(BaseModel):
    """What the provider knows of a person; `sub` never changes, everything else may."""

    model_config = ConfigDict(frozen=True)

    sub: str
    email: str
    name: str
    email_verified: bool = True


class People:
    """All known people by `sub`."""

    def __init__(self) -> None:
        self._known: dict[str, Person] = {}
        self._listed: list[str] = []

    def load(self, seeded: list[dict[str, Any]]) -> None:
        """Only these people are known and listed afterwards."""
        people = [Person.model_validate(person) for person in seeded]
        self._known = {person.sub: person for person in people}
        self._listed = [person.sub for person in people]

    def listed(self, login_hint: str = "") -> list[Person]:
        """The people of the sign-in page, the hinted one first."""
        people = [self._known[sub] for sub in self._listed]
        return sorted(people, key=lambda person: not is_hinted(person, login_hint))

    def get(self, sub: str) -> Person | None:
        return self._known.get(sub)

    def put(self, person: Person) -> Person:
        """Add or change a person, as when an e-mail changes at the provider."""
        if person.sub not in self._listed:
            self._listed.append(person.sub)
        self._known[person.sub] = person
        return person

    def guest(self, *, name: str, email: str, email_verified: bool) -> Person:
        """Somebody typed in: the same e-mail is the same `sub`, and never a seeded one's,

        because an e-mail address alone must not make anybody the owner of an account.
        """
        digest = hashlib.sha256(email.strip().lower().encode()).hexdigest()
        person = Person(
            sub=f"guest-{digest[:16]}", email=email, name=name, email_verified=email_verified
        )
        self._known[person.sub] = person
        return person


def is_hinted(person: Person, login_hint: str) -> bool:
    wanted = login_hint.strip().lower()
    return bool(wanted) and wanted in (person.email.lower(), person.sub.lower())
