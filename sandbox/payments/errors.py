"""Stripe's error object, as a value that can be raised.

`is_kept` says whether an idempotency key remembers it: what was refused before the work began is
forgotten, so that the corrected request may use the key again.
Source: https://docs.stripe.com/api/errors and https://docs.stripe.com/api/idempotent_requests
"""

from http import HTTPStatus

from sandbox.payments.values import Node


class StripeError(Exception):
    """A refusal with its HTTP status and the fields of `error`."""

    def __init__(self, status: int, type_: str, message: str, **fields: object) -> None:
        super().__init__(message)
        self.status = status
        told = {"type": type_, "message": message} | fields
        self.error: Node = {name: value for name, value in told.items() if value is not None}

    @property
    def is_kept(self) -> bool:
        """Whether the same key answers with this again."""
        kept = self.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        return kept or self.status == HTTPStatus.PAYMENT_REQUIRED

    def body(self) -> Node:
        """The whole answer."""
        return {"error": self.error}


def invalid(message: str, *, param: str | None = None, code: str | None = None) -> StripeError:
    """The request itself is wrong."""
    return StripeError(400, "invalid_request_error", message, param=param, code=code)


def missing(kind: str, object_id: str) -> StripeError:
    """There is no such object."""
    return StripeError(
        404,
        "invalid_request_error",
        f"No such {kind}: '{object_id}'",
        param="id",
        code="resource_missing",
    )


def broken() -> StripeError:
    """Stripe's own fault; nobody can tell from it what happened."""
    return StripeError(500, "api_error", "Something went wrong on the provider's end.")
