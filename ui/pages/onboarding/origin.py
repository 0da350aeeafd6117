"""Whether a request that changes something comes from one of our own pages."""

from __future__ import annotations

from fastapi import Request

from core.settings import Settings


def is_ours(request: Request, settings: Settings) -> bool:
    """Browsers say themselves where a request comes from; older ones say at least the origin.

    A form on a page with `Referrer-Policy: no-referrer` has the origin "null", so `Sec-Fetch-Site`
    is asked first. Programs without a browser send neither and hold no one else's cookie.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("origin") in (None, settings.origin)
