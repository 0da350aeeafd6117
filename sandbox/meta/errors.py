"""Graph's error format: clients decide on `code` and `error_data.details`, never on the title."""

import secrets
from dataclasses import dataclass
from typing import Any

# Codes of the messaging product carry `error_data` with details.
_PRODUCT_CODES = range(130000, 140000)
_HTTP_BY_CODE = {1: 500, 2: 503, 10: 403, 190: 401, 200: 403}


@dataclass(slots=True)
class GraphError(Exception):
    """One refusal of the Graph API."""

    code: int
    message: str
    subcode: int | None = None
    details: str | None = None
    title: str | None = None
    user_message: str | None = None
    transient: bool = False
    type: str = "OAuthException"
    http: int | None = None

    @property
    def status(self) -> int:
        """The HTTP status; Meta uses 400 for nearly everything."""
        return self.http or _HTTP_BY_CODE.get(self.code, 400)

    def body(self) -> dict[str, Any]:
        """The JSON answer, with a fresh trace id."""
        error: dict[str, Any] = {"message": self.message, "type": self.type, "code": self.code}
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        error["is_transient"] = self.transient
        if self.title:
            error["error_user_title"] = self.title
        if self.user_message:
            error["error_user_msg"] = self.user_message
        if self.details or self.code in _PRODUCT_CODES:
            error["error_data"] = {
                "messaging_product": "whatsapp",
                "details": self.details or self.message,
            }
        error["fbtrace_id"] = "A" + secrets.token_urlsafe(16)
        return {"error": error}


def bad_parameter(text: str, *, details: str | None = None) -> GraphError:
    """Code 100: the request itself is wrong."""
    return GraphError(100, f"(#100) {text}", details=details)


def not_visible(node_id: str, method: str) -> GraphError:
    """Code 100/33: no such object, or not shared with the caller; Meta does not tell which."""
    return GraphError(
        100,
        f"Unsupported {method.lower()} request. Object with ID '{node_id}' does not exist, cannot "
        "be loaded due to missing permissions, or does not support this operation.",
        subcode=33,
        type="GraphMethodException",
    )


def forbidden(text: str) -> GraphError:
    """Code 200: a permission is missing."""
    return GraphError(200, f"(#200) {text}")


def bad_token(text: str, subcode: int | None = None) -> GraphError:
    """Code 190: the token is missing, unknown, expired (463) or withdrawn (467)."""
    return GraphError(190, text, subcode=subcode)


def product_error(code: int, title: str, details: str) -> GraphError:
    """A refusal of the messaging product, e.g. of the register family."""
    return GraphError(code, f"(#{code}) {title}", details=details)
