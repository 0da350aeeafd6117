"""The hub as an OpenID Connect client: discovery, code exchange, id_token. Routes: `ui.login`."""
