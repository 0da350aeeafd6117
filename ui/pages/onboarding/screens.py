"""Which screen draws which face."""

from __future__ import annotations

from collections.abc import Callable

from ui.pages.onboarding import (
    card,
    credit,
    details,
    ending,
    meta,
    prices,
    register,
    sign_up,
)
from ui.pages.onboarding.faces import Face
from ui.pages.onboarding.screen import OpenPage, Screen

_SCREENS: dict[Face, Callable[[OpenPage], Screen]] = {
    Face.SIGN_UP: sign_up.SignUp,
    Face.LOG_IN: sign_up.LogIn,
    Face.CODE: sign_up.Code,
    Face.TERMS: prices.PricesAndTerms,
    Face.DETAILS: details.Details,
    Face.CARD: card.CardStep,
    Face.CREDIT: credit.FirstCredit,
    Face.META: meta.Meta,
    Face.NO_ROOM: meta.NoRoom,
    Face.META_OPEN: meta.MetaOpen,
    Face.META_TROUBLE: meta.MetaTrouble,
    Face.WORKING: register.Working,
    Face.STOPPED: register.Stopped,
    Face.PERMISSION: ending.Permission,
    Face.DONE: ending.Done,
    Face.PUT_ASIDE: ending.PutAside,
}


def screen_for(face: Face) -> Callable[[OpenPage], Screen]:
    """The screen; every face has one."""
    return _SCREENS[face]
