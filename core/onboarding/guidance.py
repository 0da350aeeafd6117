"""Meta's error codes, and our own, as advice: which text, whose turn, whether to try again; pure.

Keys are stable, texts are made in `ui`. A code that nobody listed is shown as Meta wrote it and
waits for a person. Source: contracts/meta.md sections 2 and 12.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from core.onboarding.views import Turn

_MINUTE = 60
_HOUR = 60 * _MINUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """What to do about an error; `wait` in *seconds* before it makes sense to try again.

    `itself` means that the hub repeats the call without anybody's help. `reopen` means that
    Meta's popup is the place to put it right, `needs_pin` that the client must tell its PIN.
    """

    key: str
    turn: Turn
    retryable: bool = False
    wait: int = 0
    itself: bool = False
    reopen: bool = False
    needs_pin: bool = False


def _client(key: str, *, wait: int = 0) -> Guidance:
    return Guidance(key=key, turn=Turn.CLIENT, retryable=True, wait=wait, reopen=True)


def _partner(key: str) -> Guidance:
    return Guidance(key=key, turn=Turn.PARTNER, retryable=True)


def _meta(key: str, *, wait: int = 0) -> Guidance:
    return Guidance(key=key, turn=Turn.META, retryable=True, wait=wait)


def _hub(key: str, *, wait: int = 0) -> Guidance:
    return Guidance(key=key, turn=Turn.HUB, retryable=True, wait=wait, itself=True)


UNKNOWN = Guidance(key="meta_unknown", turn=Turn.META, retryable=True, reopen=True)

# What Embedded Signup's popup reports (CANCEL with an error, ERROR).
_SIGNUP: tuple[tuple[Guidance, tuple[int, ...]], ...] = (
    (_client("too_many_wabas"), (2388098, 2494067)),
    (_client("number_registered_elsewhere", wait=15 * _MINUTE), (3441030, 3441049, 2655094)),
    (_client("number_other_business"), (3441041,)),
    (_client("app_activity_low"), (3441045,)),
    (_client("app_too_old"), (4563015,)),
    (_client("coexistence_country"), (3441042,)),
    (_client("waba_shared_elsewhere"), (2655093, 2655049, 2494028, 2494119)),
    (_client("account_restricted"), (2655089, 3441040, 2388107)),
    (_client("too_many_tries", wait=_HOUR), (2494158, 3441033, 3441046, 1675004)),
    (_partner("partner_verification"), (2494091,)),
    (_meta("verification_running"), (2494030, 2494143)),
    (_client("two_factor_needed"), (2859009, 4612001)),
    (_partner("solution_inactive"), (2655111,)),
)

# What the Graph API answers.
_GRAPH: tuple[tuple[Guidance, tuple[int, ...]], ...] = (
    (_client("token_invalid"), (0, 190)),
    (_client("permission_missing"), (3, 10, *range(200, 300))),
    (_partner("meta_refused"), (100,)),
    (_client("not_visible"), (803,)),
    (_hub("meta_busy"), (1, 2, 131000, 131016, 133004)),
    (_hub("meta_rate_limit", wait=5 * _MINUTE), (4, 80007, 130429, 131056, 131048, 131064)),
    (_meta("register_budget_used", wait=72 * _HOUR), (133016,)),
    (
        Guidance(key="pin_mismatch", turn=Turn.CLIENT, retryable=True, needs_pin=True),
        (133005,),
    ),
    (_client("number_not_verified"), (133006, 133010)),
    (_meta("number_deregistering", wait=5 * _MINUTE), (133000, 133015)),
    (_meta("pin_locked", wait=_HOUR), (133008,)),
    (_meta("pin_wait", wait=10 * _MINUTE), (133009,)),
    (_client("account_locked"), (131031, 368, 130497)),
    (_client("payment_method_missing"), (131042,)),
    (_client("display_name_declined"), (131037, 131045)),
    (_meta("meta_unknown"), (135000,)),
)

# What the hub itself finds; the codes are `OnboardingRun.error_code`.
_OWN: tuple[Guidance, ...] = (
    _client("popup_blocked"),
    _client("popup_closed"),
    _client("cancelled"),
    _client("shared_unfinished"),
    _client("code_missing"),
    _client("code_expired"),
    _client("code_lost"),
    _client("waba_not_found"),
    _client("number_in_use"),
    _client("waba_taken"),
    _partner("max_channels_reached"),
    _hub("meta_unreachable"),
    Guidance(key="hub_fault", turn=Turn.PARTNER, retryable=True),
    # The client's own card; another one is entered on the provider's page, not tried again here.
    *(
        Guidance(key=key, turn=Turn.CLIENT)
        for key in ("card_missing", "card_declined", "card_cancelled", "card_page_expired")
    ),
    Guidance(key="credit_declined", turn=Turn.CLIENT),
)

_BY_SIGNUP = {code: advice for advice, codes in _SIGNUP for code in codes}
_BY_GRAPH = {code: advice for advice, codes in _GRAPH for code in codes}
_BY_KEY = {advice.key: advice for advice in _OWN}
_NOT_VISIBLE_SUBCODE = 33


def for_signup(code: object) -> Guidance:
    """Advice for an error that the popup reported; codes come as text or number."""
    return _BY_SIGNUP.get(_as_int(code), UNKNOWN)


def for_graph(code: int, subcode: int | None = None, *, transient: bool = False) -> Guidance:
    """Advice for an error object of the Graph API."""
    if code == 100 and subcode == _NOT_VISIBLE_SUBCODE:  # noqa: PLR2004
        return _BY_GRAPH[803]
    advice = _BY_GRAPH.get(code, UNKNOWN)
    # Meta knows best what passes by itself, also for codes that are new.
    return replace(advice, turn=Turn.HUB, itself=True) if transient else advice


def for_key(key: str) -> Guidance:
    """Advice for a reason of our own, or one that was kept by its key."""
    return _BY_KEY.get(key) or next((a for a in _all() if a.key == key), UNKNOWN)


def keys() -> frozenset[str]:
    """Every key that needs a text in every language."""
    return frozenset(advice.key for advice in _all())


def _all() -> Iterator[Guidance]:
    yield from _OWN
    yield from (advice for advice, _ in (*_SIGNUP, *_GRAPH))
    yield UNKNOWN


def _as_int(code: object) -> int:
    text = str(code).strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else -1  # noqa: PLR2004
