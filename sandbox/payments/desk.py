"""The payments part of QA's desk: charges and cards as rows, newest first."""

from sandbox.html import text
from sandbox.payments.summary import summary
from sandbox.payments.values import Node
from sandbox.payments.world import PaymentsWorld

# Enough for a look; everything is in the JSON.
_SHOWN = 20


def desk_rows(world: PaymentsWorld) -> dict[str, str]:
    """Finished markup by the name of its place on the desk."""
    told = summary(world)
    charges, cards = told["charges"][:_SHOWN], told["cards"][:_SHOWN]
    nothing = '<tr><td colspan="3">None yet.</td></tr>'
    return {
        "charges": "".join(map(_charge, charges)) or nothing,
        "cards": "".join(map(_card, cards)) or nothing,
        "charge_ids": "".join(_option(one["id"], one["status"]) for one in charges),
        "card_ids": "".join(_option(one["id"], one["last4"]) for one in cards),
    }


def _charge(charge: Node) -> str:
    units, cents = divmod(charge["amount"], 100)
    state = [charge["status"], charge["decline_code"]]
    state += ["refunded"] if charge["refunded"] else []
    state += ["disputed"] if charge["disputed"] else []
    link = charge["action_url"]
    check = f' <a href="{text(link)}">check</a>' if link else ""
    return (
        f"<tr><td><code>{text(charge['id'])}</code><br><small>{text(charge['description'])}</small>"
        f"</td><td>{units:,}.{cents:02d} {text(charge['currency'].upper())}</td>"
        f"<td>{text(', '.join(filter(None, state)))}{check}</td></tr>"
    )


def _card(card: Node) -> str:
    return (
        f"<tr><td><code>{text(card['id'])}</code><br><small>{text(card['brand'])}"
        f" {text(card['number'])}</small></td><td>{text(card['expires'])}</td>"
        f"<td>{text(card['customer'] or 'forgotten')}</td></tr>"
    )


def _option(value: str, label: str) -> str:
    return f'<option value="{text(value)}">{text(label)}</option>'
