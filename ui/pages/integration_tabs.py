"""The parts of the Integration page, each with its own address."""

from __future__ import annotations

from ui.components import tag

PATH = "/integration"
WEBHOOKS = f"{PATH}/webhooks"
DELIVERIES = f"{WEBHOOKS}/deliveries"
KEYS = f"{PATH}/keys"
_PARTS = {PATH: "Settings", WEBHOOKS: "Webhooks", DELIVERIES: "Deliveries", KEYS: "API keys"}


def tabs(current: str) -> None:
    """Links to the parts; the current one is marked."""
    with tag("nav", classes="it-tabs", aria_label="Parts of the integration"):
        for href, word in _PARTS.items():
            link = tag("a", word, href=href)
            if href == current:
                link.props["aria-current"] = "page"
