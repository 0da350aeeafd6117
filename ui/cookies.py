"""The hub's cookies: their names and how they are set. All are HttpOnly, Lax and for every path.

With https they carry the `__Host-` prefix, which no subdomain and no plain-http page can plant.
"""

from __future__ import annotations

from starlette.responses import Response

from core.settings import Settings

# Onboarding's cookie keeps one name: it opens nothing but the run that this browser began.
ONBOARDING_COOKIE = "hub_onboarding"
SESSION_COOKIES = ("__Host-hub", "hub_session", "__Host-hub_login", "hub_login")


def pay_cookie(settings: Settings) -> str:
    """Opens one client's own page of its money, and nothing else."""
    return "__Host-hub_pay" if settings.secure_cookies else "hub_pay"


def session_cookie(settings: Settings) -> str:
    return "__Host-hub" if settings.secure_cookies else "hub_session"


def login_cookie(settings: Settings) -> str:
    """Binds a login attempt to the browser that began it."""
    return "__Host-hub_login" if settings.secure_cookies else "hub_login"


def set_cookie(
    response: Response, name: str, value: str, settings: Settings, *, max_age: int
) -> None:
    """`max_age` in *seconds*."""
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        path="/",
        secure=settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )


def drop_cookie(response: Response, name: str, settings: Settings) -> None:
    response.delete_cookie(
        name, path="/", secure=settings.secure_cookies, httponly=True, samesite="lax"
    )


def cookie_header(name: str, value: str, settings: Settings, *, max_age: int) -> str:
    """The Set-Cookie line for where there is no response object."""
    response = Response()
    set_cookie(response, name, value, settings, max_age=max_age)
    return response.headers["set-cookie"]
