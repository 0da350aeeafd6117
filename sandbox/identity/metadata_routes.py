"""Discovery and the key set, with the faults a client must survive."""

from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from sandbox.identity.provider import Provider

# Where clouds keep their credentials: the first thing a forged endpoint points to.
METADATA_SERVICE = "http://169.254.169.254"


class MetadataRoutes:
    """`/.well-known/openid-configuration` and `/jwks`."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/identity", tags=["identity"])
        router.get("/.well-known/openid-configuration")(self.discovery)
        router.get("/jwks")(self.jwks)
        router.get("/stranger/{kind}")(self.stranger)
        return router

    async def discovery(self) -> Response:
        self._provider.note_call("discovery", {})
        if self._provider.faults.strikes("discovery_down"):
            return Response(status_code=503)
        return JSONResponse(self._metadata())

    async def jwks(self) -> Response:
        self._provider.note_call("jwks", {})
        if self._provider.faults.strikes("jwks_down"):
            return Response(status_code=503)
        return JSONResponse(self._provider.keys.published())

    async def stranger(self, kind: str) -> Response:
        """The attacker's key set; a client that asks for it has already lost."""
        self._provider.note_call(f"stranger_{kind}", {})
        return JSONResponse(self._provider.keys.strangers())

    def _metadata(self) -> dict[str, Any]:
        metadata = _honest_metadata(self._provider.issuer)
        faults = self._provider.faults
        if faults.strikes("discovery_wrong_issuer"):
            metadata["issuer"] = "https://evil.example/identity"
        if faults.strikes("discovery_without_pkce"):
            del metadata["code_challenge_methods_supported"]
        if faults.strikes("discovery_plain_pkce"):
            metadata["code_challenge_methods_supported"] = ["plain"]
        if faults.strikes("discovery_weak_algorithms"):
            metadata["id_token_signing_alg_values_supported"] = ["none", "HS256"]
        if faults.strikes("discovery_private_token_endpoint"):
            metadata["token_endpoint"] = f"{METADATA_SERVICE}/token"
        if faults.strikes("discovery_private_authorize_endpoint"):
            metadata["authorization_endpoint"] = "http://10.0.0.1/authorize"
        return metadata


def _honest_metadata(issuer: str) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "jwks_uri": f"{issuer}/jwks",
        "end_session_endpoint": f"{issuer}/logout",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile"],
        "claims_supported": [
            *("iss", "sub", "aud", "exp", "iat", "nonce", "auth_time"),
            *("email", "email_verified", "name"),
        ],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "select_account", "consent"],
        "authorization_response_iss_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }
