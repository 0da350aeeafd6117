"""Reads rate cards as Meta publishes them: two CSVs per currency, prices and volume tiers; pure.

Prices: `Market,Currency,Marketing,Utility,Authentication,Authentication-International,Service`.
Tiers: `Market,Currency,Category,From,To,Rate`, message counts inclusive, `To` empty at the end.
Reading is a dry run: it lists what is odd, and nothing is stored (`card_store` does that).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from core.billing.markets import markets_on
from core.billing.policies import policy_on
from core.billing.prices import TIERED, Category, Place, Prices, Tier
from core.money import Money


class Oddity(StrEnum):
    """What a dry run lists; the first five have to be put right before an import."""

    BAD_HEADER = "bad_header"
    BAD_CELL = "bad_cell"
    BAD_TIER = "bad_tier"
    DUPLICATE = "duplicate"
    OTHER_CURRENCY = "other_currency"
    UNKNOWN_MARKET = "unknown_market"
    MISSING_MARKET = "missing_market"
    MISSING_CELL = "missing_cell"
    JUMP = "jump"


_BLOCKING = frozenset(
    {
        Oddity.BAD_HEADER,
        Oddity.BAD_CELL,
        Oddity.BAD_TIER,
        Oddity.DUPLICATE,
        Oddity.OTHER_CURRENCY,
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """`line` of the prices' CSV (0 where it is about the whole card) and what stands there."""

    oddity: Oddity
    line: int
    where: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardDraft:
    """A card as read, with everything odd about it."""

    currency: str
    effective_from: date
    tiers: Mapping[Place, tuple[Tier, ...]]
    findings: tuple[Finding, ...]

    @property
    def may_be_imported(self) -> bool:
        """Warnings (missing cells, jumps, unknown markets) leave it to the operator."""
        return not any(finding.oddity in _BLOCKING for finding in self.findings)


def read_card(
    prices_csv: str,
    tiers_csv: str,
    *,
    currency: str,
    effective_from: date,
    before: Prices | None = None,
    jump_percent: int = 30,
) -> CardDraft:
    """Both CSVs as one draft; a price that moved by more than `jump_percent` since `before` is odd.

    Amounts are in currency units with at most six decimals; `n/a` says that there is no price.
    """
    reader = _Reader(currency, effective_from)
    reader.read_prices(prices_csv)
    reader.read_tiers(tiers_csv)
    if before is not None:
        reader.compare(before, jump_percent)
    return CardDraft(
        currency=currency,
        effective_from=effective_from,
        tiers=reader.tiers,
        findings=tuple(reader.findings),
    )


class _Reader:
    def __init__(self, currency: str, effective_from: date) -> None:
        self.tiers: dict[Place, tuple[Tier, ...]] = {}
        self.findings: list[Finding] = []
        self._currency = currency
        self._markets = markets_on(effective_from)
        policy = policy_on(effective_from)
        has_service = policy is not None and policy.charges_service
        self._categories = [c for c in Category if has_service or c is not Category.SERVICE]

    def read_prices(self, text: str) -> None:
        seen: set[str] = set()
        needed = {"market", *(category.value for category in self._categories)}
        for line, row in self._rows(text, needed):
            market = row["market"]
            if market in seen:
                self._note(Oddity.DUPLICATE, line, market)
            elif self._fits(line, row):
                self._read_row(line, market, row)
            seen.add(market)
        for market in sorted(self._markets - seen):
            self._note(Oddity.MISSING_MARKET, 0, market)

    def read_tiers(self, text: str) -> None:
        """Volume tiers take the place of the one price; they must begin at 1 and leave no gap."""
        ranges: dict[Place, list[tuple[int, int | None, int]]] = {}
        for line, row in self._rows(text, {"market", "category", "from", "to", "rate"}):
            if not self._fits(line, row):
                continue
            try:
                category = Category(row["category"].lower())
                ends = int(row["to"]) if row["to"] else None
                found = (int(row["from"]), ends, self._micros(row["rate"]))
            except ValueError:
                self._note(Oddity.BAD_TIER, line, row["market"], row["category"])
                continue
            ranges.setdefault((row["market"], category), []).append(found)
        for place, found_ranges in ranges.items():
            self._take_tiers(place, sorted(found_ranges, key=lambda found: found[0]))

    def compare(self, before: Prices, percent: int) -> None:
        for (market, category), tiers in self.tiers.items():
            known = before.price(market, category, 1)
            if known is None:
                continue
            old, new = known[1], tiers[0].micros
            if abs(new - old) * 100 > percent * old:
                self._note(Oddity.JUMP, 0, f"{market}/{category}", f"{old} -> {new} micros")

    def _rows(self, text: str, needed: set[str]) -> Iterator[tuple[int, dict[str, str]]]:
        reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
        names = [name.strip().lower() for name in reader.fieldnames or []]
        if not text.strip():
            return
        if missing := needed - set(names):
            self._note(Oddity.BAD_HEADER, 1, ", ".join(sorted(missing)))
            return
        reader.fieldnames = names
        for row in reader:
            yield reader.line_num, {name: (row[name] or "").strip() for name in names}

    def _fits(self, line: int, row: dict[str, str]) -> bool:
        if row.get("currency", self._currency).upper() != self._currency:
            self._note(Oddity.OTHER_CURRENCY, line, row["market"], row["currency"])
            return False
        if row["market"] not in self._markets:
            self._note(Oddity.UNKNOWN_MARKET, line, row["market"])
            return False
        return True

    def _read_row(self, line: int, market: str, row: dict[str, str]) -> None:
        for category in self._categories:
            text = row[category.value]
            if text.lower() in _NO_PRICE:
                # Few markets have an international rate: there "n/a" is the regular case.
                is_usual = category is Category.AUTHENTICATION_INTERNATIONAL and text
                if not is_usual:
                    self._note(Oddity.MISSING_CELL, line, market, category.value)
                continue
            try:
                self.tiers[market, category] = (Tier(1, self._micros(text)),)
            except ValueError:
                self._note(Oddity.BAD_CELL, line, market, f"{category}: {text[:40]}")

    def _take_tiers(self, place: Place, ranges: list[tuple[int, int | None, int]]) -> None:
        follows = 1
        for first, ends, _ in ranges:
            if first != follows:
                break
            follows = 0 if ends is None else ends + 1
        if follows or place[1] not in TIERED or place not in self.tiers:
            self._note(Oddity.BAD_TIER, 0, f"{place[0]}/{place[1]}")
            return
        self.tiers[place] = tuple(Tier(first, micros) for first, _, micros in ranges)

    def _micros(self, text: str) -> int:
        """Raises ValueError for what is no plain amount, and for one finer than a micro."""
        if not _AMOUNT.fullmatch(text):
            raise ValueError(text)
        return Money.of(Decimal(text), self._currency).micros

    def _note(self, oddity: Oddity, line: int, where: str, detail: str = "") -> None:
        self.findings.append(Finding(oddity, line, where, detail))


_NO_PRICE = frozenset({"", "n/a", "na", "-", "--"})
# Four digits before the point: no message costs ten thousand.
_AMOUNT = re.compile(r"[0-9]{1,4}(\.[0-9]{1,6})?")
