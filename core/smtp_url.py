"""Where mails are handed over, as `HUB_SMTP_URL` writes it; pure."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

SMTP_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def read_smtp_url(text: str) -> SplitResult:
    """The mail server's address. Raises ValueError that says what is wrong without showing it."""
    try:
        url = urlsplit(text)
        is_known = url.scheme in SMTP_PORTS and bool(url.hostname) and url.port != 0
    except ValueError as error:
        raise ValueError("HUB_SMTP_URL is no address of a mail server") from error
    if not is_known:
        raise ValueError("HUB_SMTP_URL must begin with smtp://, smtp+starttls:// or smtps://")
    if url.username and url.scheme == "smtp" and url.hostname not in _LOOPBACK:
        raise ValueError("HUB_SMTP_URL would send its password in the clear")
    return url
