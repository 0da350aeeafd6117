"""Templates as programs send them: Meta's own form, checked as far as its rules are known; pure.

What Meta decides (wording, examples, category) is left to Meta, whose refusal is handed on whole.
"""

from __future__ import annotations

import json
from typing import Any

from core.accounts.templates import LANGUAGE, LENGTHS, NAME
from core.errors import InvalidInput

Json = dict[str, Any]

CATEGORIES = ("MARKETING", "UTILITY", "AUTHENTICATION")
_MAX_PARTS, _MAX_SIZE = 10, 60_000
# Further words of Meta's create call; the edit call knows fewer.
_CREATE_WORDS = (
    "parameter_format",
    "allow_category_change",
    "message_send_ttl_seconds",
    "cta_url_link_tracking_opted_out",
)
_EDIT_WORDS = ("message_send_ttl_seconds", "cta_url_link_tracking_opted_out")


def new_form(given: Json) -> Json:
    """The body of Meta's create call; raises InvalidInput naming the `field`."""
    name, language = _text(given, "name"), _text(given, "language")
    if not NAME.fullmatch(name):
        raise InvalidInput(code="template_name", field="name")
    if not LANGUAGE.fullmatch(language):
        raise InvalidInput(code="template_language", field="language")
    category = category_of(given.get("category"))
    components = components_of(given.get("components"), category)
    extra = {word: given[word] for word in _CREATE_WORDS if given.get(word) is not None}
    return {
        "name": name,
        "language": language,
        "category": category,
        "components": components,
    } | _bounded(extra)


def changes_form(given: Json, *, name: str, language: str, category: str) -> Json:
    """The body of Meta's edit call; raises InvalidInput, also for another name or language."""
    for field, fixed in (("name", name), ("language", language)):
        if given.get(field) not in (None, fixed):
            raise InvalidInput(code="template_fixed", field=field)
    changes: Json = {word: given[word] for word in _EDIT_WORDS if given.get(word) is not None}
    if given.get("category") is not None:
        changes["category"] = category = category_of(given["category"])
    if given.get("components") is not None:
        changes["components"] = components_of(given["components"], category)
    if not changes:
        raise InvalidInput(code="template_nothing_to_change", field="components")
    return _bounded(changes)


def category_of(value: object) -> str:
    """In Meta's capitals; raises InvalidInput for none of Meta's."""
    category = value.upper() if isinstance(value, str) else ""
    if category not in CATEGORIES:
        raise InvalidInput(code="template_category", field="category")
    return category


def components_of(value: object, category: str) -> list[Json]:
    """Meta's list of components; raises InvalidInput (template_components, template_too_long)."""
    if not isinstance(value, list) or not 0 < len(value) <= _MAX_PARTS:
        raise InvalidInput(code="template_components", field="components")
    kinds = [_kind(part) for part in value]
    if "BODY" not in kinds:
        raise InvalidInput(code="template_body_empty", field="components")
    for kind, part in zip(kinds, value, strict=True):
        text = part.get("text", "")
        if not isinstance(text, str):
            raise InvalidInput(code="template_components", field="components", part=kind)
        most = LENGTHS.get(kind.lower())
        if most is not None and len(text) > most:
            raise InvalidInput(code="template_too_long", field="components", part=kind, most=most)
        # The texts of authentication templates are Meta's own.
        if kind == "BODY" and not text.strip() and category != "AUTHENTICATION":
            raise InvalidInput(code="template_body_empty", field="components")
    _bounded({"components": value})
    return value


def _kind(part: object) -> str:
    kind = part.get("type") if isinstance(part, dict) else None
    if not isinstance(kind, str) or not kind:
        raise InvalidInput(code="template_components", field="components")
    return kind.upper()


def _text(given: Json, name: str) -> str:
    value = given.get(name)
    return value if isinstance(value, str) else ""


def _bounded(values: Json) -> Json:
    """The values, if the database and Meta can keep them as JSON."""
    try:
        written = json.dumps(values, ensure_ascii=False, allow_nan=False)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(code="template_components", field="components") from error
    # Neither database keeps a NUL or half a sign inside of JSON.
    if len(written) > _MAX_SIZE or "\\u0000" in written or _is_cut(written):
        raise InvalidInput(code="template_components", field="components")
    return values


def _is_cut(text: str) -> bool:
    return any("\ud800" <= sign <= "\udfff" for sign in text)
