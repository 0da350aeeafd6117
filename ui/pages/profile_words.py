"""What the profile says: faults, limits, and where a colour can be read; pure."""

from __future__ import annotations

from core.errors import HubError
from core.partners.profile import rules
from core.uploads.rules import LEAST_SIDE, LONGEST_SIDE, MOST_PIXELS, MOST_TIMES
from ui.pages.onboarding import brand
from ui.theme import LIGHT

LOGO_LIMITS = (
    f"PNG, JPEG or WebP up to 2 MB, {LEAST_SIDE} to {LONGEST_SIDE} pixels a side and "
    f"{MOST_PIXELS // 1_000_000} megapixels. No side more than {MOST_TIMES} times the other; a "
    "wide or square one on white looks best."
)
NUMBERS_HELP = (
    "On: a client that comes back by your link can connect another number. Off: it is told to ask "
    "you. A client's first number is always possible."
)
WHY_NOT_NUMBERS = (
    "Your clients pay for themselves, so each decides for itself how many numbers it has. Partners "
    "whose balance pays for all clients can switch this off."
)
_FAULTS = {
    "needed": "A name is needed: clients have to know who asks.",
    "too_long": f"That is too long: {rules.NAME_LENGTH} characters at the most.",
    "signs": "It has a sign that cannot be seen. Type the name anew instead of pasting it.",
    "color_form": "A # and six hexadecimal digits, such as #0F766E.",
    "unreadable": "Nobody could read a button in this colour, on light or on dark. Take a "
    "stronger one.",
    "logo_changed": "The logo was changed meanwhile, so nothing was put back.",
    "direct_paid": WHY_NOT_NUMBERS,
}


def name_fault(text: str) -> str:
    """The words of what is wrong with a name, or ''."""
    return _FAULTS.get(rules.name_fault(text), "")


def color_fault(text: str) -> str:
    """The same for a colour; one that no mode can show is not taken on the page."""
    if code := rules.color_fault(text):
        return _FAULTS[code]
    color = rules.tidy_color(text)
    return _FAULTS["unreadable"] if color and not any(brand.shown_in(color).values()) else ""


def color_told(text: str) -> str:
    """Where the colour is used."""
    color = rules.tidy_color(text)
    if not color or color_fault(text):
        return ""
    shown = brand.shown_in(color)
    if all(shown.values()):
        return "It can be read on light and on dark."
    (kept,) = [mode for mode, is_shown in shown.items() if is_shown]
    (other,) = [mode for mode, is_shown in shown.items() if not is_shown]
    return f"Used on {kept} pages. On {other} ones it could not be seen: the hub's own is used."


def swatch(text: str) -> str:
    """What the colour field of the browser shows."""
    color = rules.tidy_color(text)
    return LIGHT["primary"] if not color or rules.color_fault(text) else color


def refusal(error: HubError) -> str:
    """Why it was not saved."""
    return _FAULTS.get(error.code, "This was not saved. Try again in a minute.")


def numbers_changed(is_on: bool) -> str:
    return "Clients may add numbers now." if is_on else "Clients are told to ask you now."
