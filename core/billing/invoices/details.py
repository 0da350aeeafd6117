"""A payer's billing details: what a form must say, which version counts, who an invoice names.

Versions only grow. A VAT ID keeps what the register last said of it, for as long as it is the same
ID; a register that does not answer changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import phonenumbers
from sqlmodel import Session, col, select
from stdnum.eu import vat
from stdnum.exceptions import ValidationError

from core.billing.invoices.entities import BillingDetails
from core.billing.invoices.figures import Buyer
from core.billing.invoices.parties import Party
from core.billing.invoices.ports import PayerBook
from core.billing.invoices.statuses import VatState
from core.billing.invoices.tax import EU
from core.billing.ledger import Payer
from core.errors import InvalidInput
from core.partners.rules import normalise_email

_LIMITS = {"legal_name": 200, "address": 400, "postal_code": 20, "city": 120}
_NEEDED = ("legal_name", "address", "city")
COUNTRIES = frozenset(phonenumbers.SUPPORTED_REGIONS)
_PREFIX = {"GR": "EL"}  # where a VAT ID begins with something else than the country's code
_VAT_LENGTH = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailsForm:
    """As typed."""

    legal_name: str
    email: str
    address: str
    postal_code: str
    city: str
    country: str
    vat_id: str = ""


def cleaned(form: DetailsForm) -> DetailsForm:
    """The form as it may be kept; raises InvalidInput (`billing_details`) naming all `faults`:
    a code by field, such as `{"vat_id": "vat_checksum"}`."""
    faults: dict[str, str] = {}
    texts = {name: _text(getattr(form, name), name == "address") for name in _LIMITS}
    for name, limit in _LIMITS.items():
        if len(texts[name]) > limit:
            faults[name] = "too_long"
        elif name in _NEEDED and not texts[name]:
            faults[name] = "needed"
    country = form.country.strip().upper()
    if country not in COUNTRIES:
        faults["country"] = "unknown_country" if country else "needed"
    email, vat_id = "", ""
    try:
        email = normalise_email(form.email)
    except InvalidInput:
        faults["email"] = "not_an_address" if form.email.strip() else "needed"
    if form.vat_id.strip() and "country" not in faults:
        vat_id, fault = read_vat_id(form.vat_id, country)
        if fault:
            faults["vat_id"] = fault
    if faults:
        raise InvalidInput(code="billing_details", faults=faults)
    return DetailsForm(**texts, email=email, country=country, vat_id=vat_id)


def read_vat_id(text: str, country: str) -> tuple[str, str]:
    """The compact VAT ID and the code of what is wrong with it, '' when nothing is.

    Codes: `vat_format`, `vat_checksum`, `vat_country`. Outside the Union IDs are kept unread.
    """
    compact = "".join(text.split()).upper()
    if not (compact.isascii() and len(compact) <= _VAT_LENGTH):
        return "", "vat_format"
    if country not in EU:
        return compact, ""
    prefix = _PREFIX.get(country, country)
    if compact[:2].isalpha() and compact[:2] not in (prefix, country):
        return "", "vat_country"
    if not compact[:2].isalpha():
        compact = prefix + compact
    try:
        return vat.validate(prefix + compact[2:]), ""
    except ValidationError as error:
        return "", "vat_checksum" if type(error).__name__ == "InvalidChecksum" else "vat_format"


def version_of(
    form: DetailsForm, before: BillingDetails | None, payer: Payer, *, now: datetime, by: str
) -> BillingDetails:
    """The next version; `form` is cleaned."""
    version = BillingDetails(
        partner_id=payer.partner_id,
        client_id=payer.client_id,
        legal_name=form.legal_name,
        email=form.email,
        address=form.address,
        postal_code=form.postal_code,
        city=form.city,
        country=form.country,
        vat_id=form.vat_id,
        saved_at=now,
        saved_by=by,
    )
    if before is not None and before.vat_id == form.vat_id:
        version.vat_state = before.vat_state
        version.vat_checked_at = before.vat_checked_at
        version.vat_source = before.vat_source
    elif form.vat_id:
        version.vat_state = VatState.UNKNOWN.value
        version.vat_source = "checksum" if form.country in EU else ""
    return version


def answered(before: BillingDetails, *, is_valid: bool, now: datetime) -> BillingDetails:
    """The next version after the register's answer."""
    values = before.model_dump(exclude={"id"})
    state = VatState.VALID if is_valid else VatState.INVALID
    told = {"vat_state": state.value, "vat_checked_at": now, "vat_source": "vies", "saved_at": now}
    return BillingDetails(**(values | told | {"saved_by": "hub"}))


def newest(session: Session, payer: Payer) -> BillingDetails | None:
    """The version in force."""
    found = select(BillingDetails).where(
        col(BillingDetails.partner_id) == payer.partner_id,
        col(BillingDetails.client_id) == payer.client_id,
    )
    return session.exec(found.order_by(col(BillingDetails.id).desc()).limit(1)).first()


def buyer_of(session: Session, book: PayerBook, payer: Payer, seller_country: str) -> Buyer:
    """Who invoices name now; without details what is known otherwise. Raises NotFound.

    A payer of no known country is taxed as if at home: too much VAT can be given back, too little
    is the seller's loss.
    """
    facts, known = book.facts(session, payer), newest(session, payer)
    reference = payer.client_id or payer.partner_id
    if known is None:
        country = facts.country if facts.country in COUNTRIES else seller_country
        party = Party(legal_name=facts.name or reference, country=country, reference=reference)
        state, email = VatState.NONE, facts.email
    else:
        state, email = VatState(known.vat_state), known.email
        party = Party(
            legal_name=known.legal_name,
            country=known.country,
            address=tuple(known.address.splitlines()),
            postal_code=known.postal_code,
            city=known.city,
            # One that the register does not know is none.
            vat_id="" if state is VatState.INVALID else known.vat_id,
            email=known.email,
            reference=reference,
        )
    return Buyer(party=party, vat_state=state, email=email, language=facts.language)


def _text(text: str, has_lines: bool) -> str:
    """Without controls and doubled blanks; line breaks only where there are lines."""
    lines = text.replace("\x00", "").splitlines() or [""]
    cleaned_lines = [" ".join(line.split()) for line in lines]
    return ("\n" if has_lines else " ").join(line for line in cleaned_lines if line)
