"""What Meta refuses in a template's components, with the subcodes of its own answers.

Source: https://developers.facebook.com/docs/whatsapp/business-management-api/message-templates
"""

import re
from typing import Any

from sandbox.meta.errors import GraphError
from sandbox.meta.values import Node

_GAP = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")
_FORMATS = frozenset({"TEXT", "IMAGE", "VIDEO", "DOCUMENT", "LOCATION", "GIF"})
_TEXTS = {"HEADER": 60, "BODY": 1024, "FOOTER": 60}
_MAX_BUTTONS = 10
_TOO_LONG, _MISSING, _HEADER, _BODY, _FOOTER, _EDGE = (
    2388040,
    2388043,
    2388047,
    2388072,
    2388073,
    2388299,
)


def require_components(components: Any, category: str) -> list[Node]:
    """The components, if Meta would take them."""
    if not isinstance(components, list) or not all(isinstance(part, dict) for part in components):
        raise _refused(_MISSING, "Param components must be an array of objects")
    kinds = [str(part.get("type", "")).upper() for part in components]
    if "BODY" not in kinds:
        raise _refused(_MISSING, "Message template needs a component of type BODY")
    if len(set(kinds)) < len(kinds):
        raise _refused(_MISSING, "A component type may come once only")
    for kind, part in zip(kinds, components, strict=True):
        _require(kind, part, category)
    return components


def _require(kind: str, part: Node, category: str) -> None:
    text = part.get("text")
    if text is not None and not isinstance(text, str):
        raise _refused(_MISSING, f"The text of {kind} must be a string")
    if len(text or "") > _TEXTS.get(kind, 10_000):
        raise _refused(_TOO_LONG, f"The {kind} has more than {_TEXTS[kind]} characters")
    match kind:
        case "HEADER":
            _require_header(part, text or "")
        case "BODY":
            _require_body(part, text or "", category)
        case "FOOTER" if not text or _GAP.search(text):
            raise _refused(_FOOTER, "The FOOTER needs a text without variables")
        case "BUTTONS":
            _require_buttons(part.get("buttons"))


def _require_header(part: Node, text: str) -> None:
    format_ = str(part.get("format", "")).upper()
    if format_ not in _FORMATS:
        raise _refused(_HEADER, f"The HEADER has no known format: {format_ or 'none'}")
    if format_ == "TEXT" and not text:
        raise _refused(_HEADER, "A HEADER of format TEXT needs a text")
    example = part.get("example")
    wanted = "header_text" if format_ == "TEXT" else "header_handle"
    needs = bool(_GAP.search(text)) if format_ == "TEXT" else format_ != "LOCATION"
    if needs and not (isinstance(example, dict) and example.get(wanted)):
        raise _refused(_MISSING, f"The HEADER needs an example: {wanted}")


def _require_body(part: Node, text: str, category: str) -> None:
    if category == "AUTHENTICATION":
        return  # Meta writes these texts itself
    if not text.strip():
        raise _refused(_BODY, "The BODY needs a text")
    gaps = list(_GAP.finditer(text))
    if not gaps:
        return
    if gaps[0].start() == 0 or gaps[-1].end() == len(text):
        raise _refused(_EDGE, "Variables can't be at the start or end of the template")
    example = part.get("example")
    rows = example.get("body_text") or example.get("body_text_named_params") if example else None
    if not rows:
        raise _refused(_MISSING, "The BODY has variables and needs an example: body_text")


def _require_buttons(buttons: Any) -> None:
    if not isinstance(buttons, list) or not buttons or len(buttons) > _MAX_BUTTONS:
        raise _refused(_MISSING, f"BUTTONS needs 1 to {_MAX_BUTTONS} buttons")
    if not all(isinstance(one, dict) and one.get("type") for one in buttons):
        raise _refused(_MISSING, "A button needs a type")


def _refused(subcode: int, message: str) -> GraphError:
    return GraphError(
        100,
        "Invalid parameter",
        subcode=subcode,
        title="Message template could not be created",
        user_message=message,
    )
