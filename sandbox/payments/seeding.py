"""Customers and cards that are there from the start."""

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, field_validator

from sandbox.payments.cards import BY_NUMBER, new_card
from sandbox.payments.world import PaymentsWorld


class SeededCard(BaseModel):
    """A saved card of a customer, both with ids that somebody else knows already."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(pattern="^pm_")
    customer: str = Field(pattern="^cus_")
    name: str
    number: str
    exp_month: int = Field(ge=1, le=12)
    exp_year: int = Field(ge=2000, le=2099)

    @field_validator("number")
    @classmethod
    def _know_number(cls, number: str) -> str:
        if number not in BY_NUMBER:
            raise ValueError("only published test numbers")
        return number


CARDS = TypeAdapter(list[SeededCard])


def seed_cards(world: PaymentsWorld, cards: list[SeededCard]) -> None:
    """The customers exist, and their cards can be charged."""
    for card in cards:
        world.state.add(
            {
                "id": card.customer,
                "object": "customer",
                "created": world.now,
                "livemode": False,
                "name": card.name,
                "email": None,
                "description": None,
                "metadata": {},
            }
        )
        made = new_card(
            BY_NUMBER[card.number],
            exp_month=card.exp_month,
            exp_year=card.exp_year,
            created=world.now,
        )
        world.state.add(made | {"id": card.id, "customer": card.customer})
        world.state.numbers[card.id] = card.number
