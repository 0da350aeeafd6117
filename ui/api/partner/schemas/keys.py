"""Tokens, and the keys of channels."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from ui.api.partner.schemas.common import Json, Told, maybe, says, without_null_defaults


def _either(schema: Json) -> None:
    without_null_defaults(schema)
    schema["anyOf"] = [{"required": ["username", "password"]}, {"required": ["refresh_token"]}]


class TokenRequest(Told):
    """User name and password of a system user, or a refresh token."""

    model_config = ConfigDict(json_schema_extra=_either)

    username: str = maybe(
        "User name of a system user.", "robot@acme.example", min_length=1, max_length=300
    )
    password: str = maybe("Its password.", "…", max_length=300)
    refresh_token: str = maybe(
        "Instead of both: a refresh token.", "phr_…", min_length=1, max_length=300
    )


class TokenAnswer(Told):
    """An access token, and what brings the next one."""

    access_token: str = says("For `Authorization: Bearer`.", "pha_…")
    token_type: str = says("Always Bearer.", "Bearer")
    expires_in: int = says("Seconds until the access token ends.", 86_400)
    refresh_token: str = says("Good once, for the next pair of tokens.", "phr_…")


class TokenRefused(Told):
    """Why there is no token."""

    error: str = says("A code, as OAuth writes it.", "invalid_grant")
    error_description: str = says("One sentence.", "User name or password is wrong.")


class ChannelKeyObject(Told):
    """A channel's API key, without the key."""

    id: str = says("Id of the key.", "f167CmXyAK")
    address: str = says("Base of the messaging API.", "https://waba-v2.360dialog.io")
    app_id: str = says("Id of the channel's application.", "f167CmAP")


class NewChannelKeyObject(ChannelKeyObject):
    """A channel's API key just made."""

    api_key: str = says("The key; told once, and in place of the one before.", "phc_…")


class ChannelKeyList(Told):
    """The channel's key, or none."""

    api_keys: list[ChannelKeyObject] = Field(description="At most one.")
