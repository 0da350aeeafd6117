"""The misbehaviours that can be switched on, one name each, for the next n uses or for ever."""

from pydantic import BaseModel, ConfigDict, Field, field_validator

FAULTS: dict[str, str] = {
    # discovery and keys
    "discovery_down": "discovery answers 503",
    "discovery_wrong_issuer": "metadata names another issuer",
    "discovery_without_pkce": "metadata leaves code_challenge_methods_supported out",
    "discovery_plain_pkce": "metadata lists only the plain challenge method",
    "discovery_weak_algorithms": "metadata lists none and HS256 for id_tokens",
    "discovery_private_token_endpoint": "token endpoint points to http://169.254.169.254/",
    "discovery_private_authorize_endpoint": "authorize endpoint points to http://10.0.0.1/",
    "jwks_down": "the key set answers 503",
    # the answer to the browser
    "answer_wrong_iss": "the answer's iss parameter names another issuer",
    "answer_without_iss": "the answer has no iss parameter",
    "answer_wrong_state": "the answer carries another state",
    "answer_without_state": "the answer carries no state",
    "answer_html_error": "access_denied with markup in error_description",
    # the token endpoint
    "token_500": "answers 500",
    "token_slow": "answers after `seconds`",
    "token_garbage": "answers 200 with bytes that are no JSON",
    "token_huge": "answers 200 with 10 MB of JSON",
    "missing_id_token": "answers without an id_token",
    # the id_token
    "missing_nonce": "no nonce",
    "wrong_nonce": "another nonce",
    "wrong_iss": "another issuer",
    "wrong_aud": "made for another client",
    "aud_list_wrong_azp": "a list of audiences, azp another client",
    "expired": "exp ten minutes ago",
    "iat_future": "iat in a day",
    "nbf_future": "nbf in a day",
    "alg_none": "unsigned",
    "alg_hs256": "HS256 keyed with the public key's PEM",
    "bad_signature": "signed, then one claim changed",
    "unknown_kid": "signed by a key that is in no key set",
    "embedded_jwk": "signed by a stranger's key carried in the jwk header",
    "jku_header": "signed by a stranger's key, jku points to its key set",
    "x5u_header": "signed by a stranger's key, x5u points to it",
    "unknown_crit": "a critical header nobody knows",
    "email_unverified": "email_verified is false",
    "claims_only_in_userinfo": "name and e-mail only at userinfo, as strict providers do",
    # userinfo
    "userinfo_down": "answers 503",
    "userinfo_wrong_sub": "answers for another person",
}


class FaultRequest(BaseModel):
    """Replaces what was switched on before; an empty list makes the provider honest."""

    model_config = ConfigDict(extra="forbid")

    faults: list[str] = Field(default_factory=list)
    times: int | None = Field(default=None, ge=1)
    seconds: float = Field(default=30, ge=0, le=600)

    @field_validator("faults")
    @classmethod
    def _known(cls, names: list[str]) -> list[str]:
        unknown = [name for name in names if name not in FAULTS]
        if unknown:
            raise ValueError(f"unknown faults: {', '.join(unknown)}")
        return names


class FaultBoard:
    """What is switched on, and for how many more uses."""

    def __init__(self) -> None:
        self._left: dict[str, int | None] = {}
        self.seconds: float = 30

    def switch(self, request: FaultRequest) -> None:
        self._left = dict.fromkeys(request.faults, request.times)
        self.seconds = request.seconds

    def clear(self) -> None:
        self.switch(FaultRequest())

    def left(self) -> dict[str, int | None]:
        return dict(self._left)

    def strikes(self, name: str) -> bool:
        """True if *name* is on; each True is one use."""
        if name not in self._left:
            return False
        left = self._left[name]
        if left == 1:
            del self._left[name]
        elif left is not None:
            self._left[name] = left - 1
        return True
