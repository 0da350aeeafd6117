"""Customers and cards that are there from the start."""

from typing import Any

from sandbox.payments.cards import BY_NUMBER, new_card
from sandbox.payments.world import PaymentsWorld


def seed_cards(world: PaymentsWorld, cards: list[dict[str, Any]]) -> None:
    """Each with its customer; raises LookupError or ValueError for a seed that cannot be used."""
    for card in cards:
        kind, customer = BY_NUMBER[card["number"]], str(card["customer"])
        world.state.add(
            {
                "id": customer,
                "object": "customer",
                "created": world.now,
                "livemode": False,
                "name": str(card["name"]),
                "email": None,
                "description": None,
                "metadata": {},
            }
        )
        expiry = {"exp_month": int(card["exp_month"]), "exp_year": int(card["exp_year"])}
        node = new_card(kind, created=world.now, **expiry)
        world.state.add(node | {"id": str(card["id"]), "customer": customer})
        world.state.numbers[str(card["id"])] = kind.number
