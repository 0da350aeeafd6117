"""What the sandbox outside the hub knows of the demo world: people, WABAs, numbers, templates."""

from __future__ import annotations

from collections.abc import Iterator

from core.demo.world import ACME, BETA, PARTNERS, PEOPLE, DemoPartner, Json, access_token

_TEMPLATES = (
    ("order_update", "en", "UTILITY", "APPROVED", "Your order {{1}} is on its way."),
    ("order_update", "de", "UTILITY", "APPROVED", "Ihre Bestellung {{1}} ist unterwegs."),
    ("autumn_offer", "en", "MARKETING", "PENDING", "Autumn is here: {{1}} off until Sunday."),
)

# Published test numbers, a different one each so that their endings tell them apart.
_CARDS = {ACME.id: "5555555555554444", BETA.id: "378282246310005"}
BRANDS = {ACME.id: "mastercard", BETA.id: "amex"}


def sandbox_seed() -> Json:
    """The seed that `main.py sandbox` starts with."""
    return {
        "people": [
            {
                "sub": person.subject,
                "name": person.name,
                "email": person.email,
                "email_verified": True,
            }
            for person in PEOPLE
        ],
        "solutions": [
            {"id": partner.solution_id, "name": partner.name, "status": "ACTIVE"}
            for partner in PARTNERS
        ],
        "cards": [demo_card(partner) for partner in PARTNERS],
        "wabas": [waba for partner in PARTNERS for waba in meta_wabas(partner)],
    }


def demo_card(partner: DemoPartner) -> Json:
    """The partner's card as the payment provider knows it."""
    return {
        "id": f"pm_demo{partner.prefix}",
        "customer": f"cus_demo{partner.prefix}",
        "name": partner.name,
        "number": _CARDS[partner.id],
        "exp_month": 12,
        "exp_year": 2034,
    }


def meta_wabas(partner: DemoPartner) -> Iterator[Json]:
    """Every WABA of a partner as Meta knows it, with its numbers and templates."""
    numbers = {client.number: client for client in partner.clients}
    own = {c.number + 500: c for c in partner.channels if c.waba}
    for number in [*numbers, *own]:
        channel = own.get(number)
        client = numbers[channel.client if channel else number]
        values = dict(client.waba)
        if channel:  # what only the hub knows of a WABA is not Meta's to tell
            values |= {k: v for k, v in channel.waba.items() if k in _META_KEYS}
        yield {
            "id": partner.meta_id(1, number),
            "name": channel.name if channel else client.name,
            "business_id": partner.meta_id(3, number),
            "business_name": client.name,
            "currency": partner.currency,
            "country": client.country,
            "timezone_id": "1",
            "account_review_status": "APPROVED",
            "business_verification_status": "verified",
            "solution_id": partner.solution_id,
            "access_token": access_token(partner, number),
            "phone_numbers": [*_meta_numbers(partner, number)],
            "templates": [*meta_templates(partner, number)],
        } | values


def meta_templates(partner: DemoPartner, waba_number: int) -> Iterator[Json]:
    """The templates of a WABA as Meta knows them."""
    for index, (name, language, category, status, text) in enumerate(_TEMPLATES):
        yield {
            "id": partner.meta_id(4, waba_number * 10 + index),
            "name": name,
            "language": language,
            "category": category,
            "status": status,
            "components": [{"type": "BODY", "text": text}],
        }


def _meta_numbers(partner: DemoPartner, waba_number: int) -> Iterator[Json]:
    for channel in partner.channels:
        if partner.waba_number(channel) == waba_number:
            yield {
                "id": partner.meta_id(2, channel.number),
                "display_phone_number": partner.phone(channel),
                "verified_name": channel.name,
            } | channel.meta


_META_KEYS = ("restrictions", "account_review_status", "business_verification_status", "shared")
