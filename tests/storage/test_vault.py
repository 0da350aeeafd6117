"""The vault: opens only what it sealed, unchanged, in the place it was sealed for."""

import base64

import pytest

from storage.vault import AesVault

OLD = "old:" + base64.b64encode(b"o" * 32).decode()
NEW = "new:" + base64.b64encode(b"n" * 32).decode()
PLACE = "channel:pin:abcCH"


@pytest.mark.parametrize("text", ["", "123456", "grüße ✓", "x" * 10_000])
def test_what_was_sealed_opens_in_its_place(text: str) -> None:
    vault = AesVault(OLD)
    sealed = vault.seal(text, context=PLACE)
    assert vault.open(sealed, context=PLACE) == text
    assert not text or text not in sealed


def test_the_same_text_is_sealed_differently_each_time() -> None:
    vault = AesVault(OLD)
    assert vault.seal("123456", context=PLACE) != vault.seal("123456", context=PLACE)


def test_another_place_does_not_open_it() -> None:
    vault = AesVault(OLD)
    with pytest.raises(ValueError, match="belongs elsewhere"):
        vault.open(vault.seal("123456", context=PLACE), context="channel:pin:other")


def test_a_changed_text_does_not_open() -> None:
    vault = AesVault(OLD)
    sealed = vault.seal("123456", context=PLACE)
    for position in range(len("v1.old."), len(sealed)):
        other = "B" if sealed[position] == "A" else "A"
        with pytest.raises(ValueError):  # noqa: PT011 - any refusal is one
            vault.open(sealed[:position] + other + sealed[position + 1 :], context=PLACE)
    for broken in ("", "v1", "v1.old", "v1.old.", "v1.old.AAAA", "v2" + sealed[2:], "v1.new.AAAA"):
        with pytest.raises(ValueError):  # noqa: PT011
            vault.open(broken, context=PLACE)


def test_keys_turn_without_losing_what_older_ones_sealed() -> None:
    sealed = AesVault(OLD).seal("123456", context=PLACE)
    turned = AesVault(f"{NEW}, {OLD}")
    assert turned.open(sealed, context=PLACE) == "123456"
    assert turned.seal("123456", context=PLACE).startswith("v1.new.")
    with pytest.raises(ValueError, match="not here"):
        AesVault(NEW).open(sealed, context=PLACE)


@pytest.mark.parametrize(
    "keys", ["", " , ", "noid", "a.b:AAAA", "short:QUFB", "bad:%%%", f":{OLD[4:]}"]
)
def test_unusable_keys_are_refused_without_showing_them(keys: str) -> None:
    with pytest.raises(ValueError, match="HUB_VAULT_KEYS") as refused:
        AesVault(keys)
    assert "QUFB" not in str(refused.value)
