"""Other company data on invoices."""

from __future__ import annotations

from dataclasses import asdict

from sqlmodel import Session

from core.billing.invoices.details import DetailsForm, cleaned, newest
from core.billing.ledger import Payer
from core.errors import Conflict
from core.support.effects.effect import Asked, Facts, Plan, Typed, read
from core.support.ports import Details
from core.support.views import Change, Obstacle


class _Form(Typed):
    """Any text: what is wrong with it, `cleaned` says field by field."""

    legal_name: str = ""
    email: str = ""
    address: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""
    vat_id: str = ""


class CompanyData:
    """`core.support.effects.effect.Effect`."""

    def __init__(self, details: Details) -> None:
        self._details = details

    def asked(self, session: Session, partner_id: str, facts: Facts) -> Asked:
        """Raises InvalidInput (`billing_details` with `faults`), Conflict (`nothing_changes`)."""
        form = cleaned(DetailsForm(**read(_Form, facts)))
        if not _changes(session, partner_id, form):
            raise Conflict(code="nothing_changes")
        return Asked(about="", subject=form.legal_name, facts=asdict(form))

    def planned(self, session: Session, partner_id: str, facts: Facts) -> Plan:
        changes = _changes(session, partner_id, DetailsForm(**facts))
        against = () if changes else (Obstacle(code="nothing_changes"),)
        return Plan(values={"legal_name": facts["legal_name"]}, changes=changes, against=against)

    def done(self, session: Session, partner_id: str, facts: Facts, by: str) -> dict[str, str]:
        payer = Payer(partner_id=partner_id)
        self._details.keep_details(session, payer, DetailsForm(**facts), by=by)
        return {"legal_name": facts["legal_name"]}


def form_in_force(session: Session, partner_id: str) -> DetailsForm | None:
    """What invoices name now, as a form."""
    known = newest(session, Payer(partner_id=partner_id))
    if known is None:
        return None
    return DetailsForm(**{name: getattr(known, name) for name in DetailsForm.__dataclass_fields__})


def _changes(session: Session, partner_id: str, form: DetailsForm) -> tuple[Change, ...]:
    known = form_in_force(session, partner_id)
    before = asdict(known) if known else {}
    return tuple(
        Change(field=name, before=before.get(name, ""), after=after)
        for name, after in asdict(form).items()
        if before.get(name, "") != after
    )
