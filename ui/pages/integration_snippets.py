"""The connect button as lines to paste into a partner's site; pure.

The npm package opens one of the addresses that are built into it. Where this hub has another one,
a few lines do the same: the popup's name and size, and what the page at the end posts back.
"""

from __future__ import annotations

import json

_BUILT_IN = {"http://localhost:8082": "local", "https://hub.360dialog.com": ""}
_PACKAGE = "360dialog-connect-button"
_POPUP = "toolbar=no, menubar=no, width=600, height=920, top=100, left=100"

KINDS = {"link": "Link", "element": "HTML", "react": "React"}


def snippet(kind: str, partner_id: str, base_url: str) -> str:
    """The lines of one kind for this partner and this hub."""
    if kind == "link":
        return f'<a href="{base_url}/onboarding/{partner_id}">Connect WhatsApp</a>'
    env = _BUILT_IN.get(base_url)
    if kind == "react":
        return _own_react(partner_id, base_url) if env is None else _react(partner_id, env)
    return _own_element(partner_id, base_url) if env is None else _element(partner_id, env)


def is_packaged(base_url: str) -> bool:
    """Whether the npm package knows this hub's address."""
    return base_url in _BUILT_IN


def _react(partner_id: str, env: str) -> str:
    told = f' env="{env}"' if env else ""
    return f"""import {{ ConnectButton }} from "{_PACKAGE}";

export function Connect() {{
  return (
    <ConnectButton partnerId="{partner_id}"{told}
      callback={{({{ client, channels }}) => console.log(client, channels)}} />
  );
}}
"""


def _element(partner_id: str, env: str) -> str:
    told = f' env="{env}"' if env else ""
    return f"""<script src="{_PACKAGE}/dist/dialog-connect-button.umd.js"></script>
<dialog-connect-button partner-id="{partner_id}"{told} label="Connect WhatsApp">
</dialog-connect-button>
<script>
  addEventListener("dialog-connect-callback", (event) =>
    console.log(event.detail.client, event.detail.channels));
</script>
"""


def _own_element(partner_id: str, base_url: str) -> str:
    return f"""<button id="connect-whatsapp">Connect WhatsApp</button>
<script>
{_own_lines(partner_id, base_url)}
  backFromHub();
  document.getElementById("connect-whatsapp").addEventListener("click", connect);
</script>
"""


def _own_react(partner_id: str, base_url: str) -> str:
    return f"""import {{ useEffect }} from "react";

{_own_lines(partner_id, base_url)}
export function Connect() {{
  useEffect(backFromHub, []);
  return <button onClick={{connect}}>Connect WhatsApp</button>;
}}
"""


def _own_lines(partner_id: str, base_url: str) -> str:
    """What the package does; the same lines stand on the page at the redirect URL."""
    address = json.dumps(f"{base_url}/dashboard/app/{partner_id}")
    return f"""  const connect = () => window.open({address},
    "connect-360dialog", "{_POPUP}");
  // The page at your redirect URL has these lines, too: there they report and close the popup.
  const backFromHub = () => {{
    if (window.opener && location.search.includes("client=")) {{
      window.opener.postMessage(location.search, location.origin);
      window.close();
    }}
    addEventListener("message", (event) => {{
      if (event.origin !== location.origin || typeof event.data !== "string") return;
      const answer = new URLSearchParams(event.data);
      const list = (name) => (answer.get(name) || "[]").slice(1, -1).split(",").filter(Boolean);
      if (answer.get("client")) console.log(answer.get("client"), list("channels"));
    }});
  }};
"""
