"""Templates as a person writes them, and their way to Meta and back.

Meta is asked outside of any transaction; its answer is applied like every other reading, so a
webhook that overtakes the answer wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from core.accounts.meta_reading import template_reading
from core.accounts.results import NewTemplate
from core.accounts.update import Target, TargetKind, Update
from core.errors import InvalidInput

CATEGORIES = ("MARKETING", "UTILITY")  # authentication templates follow their own form at Meta
NAME = re.compile(r"[a-z0-9_]{1,512}")
LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2,4})?")
_GAP = re.compile(r"\{\{(\d+)\}\}")
# Source: Meta's template reference; longer texts are refused there with code 100.
LENGTHS = {"body": 1024, "header": 60, "footer": 60}


def checked(new: NewTemplate) -> NewTemplate:
    """The template, if Meta would take its form; raises InvalidInput naming the field."""
    if not NAME.fullmatch(new.name):
        raise InvalidInput(code="template_name", field="name")
    if not LANGUAGE.fullmatch(new.language):
        raise InvalidInput(code="template_language", field="language")
    if new.category not in CATEGORIES:
        raise InvalidInput(code="template_category", field="category")
    if not new.body.strip():
        raise InvalidInput(code="template_body_empty", field="body")
    for field, most in LENGTHS.items():
        if len(getattr(new, field)) > most:
            raise InvalidInput(code="template_too_long", field=field, most=most)
    if sorted(gaps(new.body)) != list(range(1, len(gaps(new.body)) + 1)):
        raise InvalidInput(code="template_gaps", field="body")
    if len([e for e in new.examples if e.strip()]) < len(gaps(new.body)):
        raise InvalidInput(code="template_examples", field="examples", count=len(gaps(new.body)))
    return new


def gaps(text: str) -> set[int]:
    """Numbers of the `{{1}}`, `{{2}}` ... in the text."""
    return {int(number) for number in _GAP.findall(text)}


def as_meta(new: NewTemplate) -> dict[str, Any]:
    """The body of Meta's create call."""
    body: dict[str, Any] = {"type": "BODY", "text": new.body}
    if gaps(new.body):
        body["example"] = {"body_text": [list(new.examples[: len(gaps(new.body))])]}
    components = [body]
    if new.header:
        components.insert(0, {"type": "HEADER", "format": "TEXT", "text": new.header})
    if new.footer:
        components.append({"type": "FOOTER", "text": new.footer})
    return {
        "name": new.name,
        "language": new.language,
        "category": new.category,
        "components": components,
    }


def created(
    waba_id: str, sent: dict[str, Any], answer: dict[str, Any], at: datetime
) -> list[Update]:
    """What is true after Meta took a template; `waba_id` is Meta's, `at` the time of asking."""
    node = {"status": "PENDING"} | sent | answer
    return list(template_reading(waba_id, node, at))


def deleted(waba_id: str, names: Iterable[tuple[str, str]], at: datetime) -> list[Update]:
    """What is true after a delete; `names` are (Meta's template id, name)."""
    return [
        Update(
            target=Target(TargetKind.TEMPLATE, external_id, waba_id),
            group="status",
            at=int(at.timestamp() * 1000),
            event=None,
            values={"status": "DELETED"},
            detail={"message_template_name": name},
        )
        for external_id, name in names
    ]


def read(waba_id: str, nodes: list[dict[str, Any]], at: datetime) -> list[Update]:
    """What is true after Meta listed the WABA's templates."""
    return [update for node in nodes for update in template_reading(waba_id, node, at)]
