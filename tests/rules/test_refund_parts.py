"""A gross that somebody gave back falls into parts that a credit note can say."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from core.billing.payments.parting import odd_cent, parts_of
from core.money import to_minor
from tests.support.payments_twin import euros

_RATES = st.sampled_from([Fraction(n, 100) for n in (0, 5, 7, 19, 21, 25, 27)])


@given(gross=st.integers(1, 10**7), left=st.integers(0, 10**7), rate=_RATES)
def test_parts_are_the_gross_and_their_tax_is_what_notes_say(
    gross: int, left: int, rate: Fraction
) -> None:
    parts = parts_of(euros(gross), euros(left), rate)
    assert parts.net + parts.fee + parts.tax == euros(gross)
    assert 0 <= parts.net.minor <= left
    assert parts.fee.micros >= 0
    untaxed = parts.net + parts.fee
    odd = odd_cent(untaxed, parts.tax, rate)
    assert odd.minor in (0, 1)
    assert to_minor((untaxed - odd).times(rate)) == parts.tax
    assert to_minor(odd.times(rate)).micros == 0


def test_the_net_goes_back_before_the_fee() -> None:
    parts = parts_of(euros(12376), euros(10000), Fraction(19, 100))
    assert (parts.net.minor, parts.fee.minor, parts.tax.minor) == (10000, 400, 1976)
