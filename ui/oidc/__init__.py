"""The hub as an OpenID Connect client: discovery, code exchange, id_token. Routes: `ui.login`."""

import warnings

import authlib.deprecate  # noqa: F401  switches its warnings on, so it comes before our filter

# Asks for a successor of httpx at every start; the hub stays on httpx.
warnings.filterwarnings("ignore", message="The httpx module is deprecated")
