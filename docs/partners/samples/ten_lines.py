# python ten_lines.py PARTNER_ID USERNAME PASSWORD WEBHOOK_URL
import os
import sys

import requests

api, hub = requests.Session(), os.environ.get("HUB", "https://hub.360dialog.io")
partner, username, password, webhook_url = sys.argv[1:]
login = {"username": username, "password": password}
token = api.post(f"{hub}/api/v2/token", json=login).json()["access_token"]
api.headers["Authorization"], mine = f"Bearer {token}", f"{hub}/api/v2/partners/{partner}"
clients = api.get(f"{mine}/clients", params={"limit": 1000}).json()["clients"]
channels = api.get(f'{mine}/channels?filters={{"status": "ready"}}').json()["partner_channels"]
key = api.post(f"{mine}/channels/{channels[0]['id']}/api_keys").json()["api_key"]
hook = api.post(f"{mine}/webhook_url", json={"webhook_url": webhook_url}).json()["webhook_url"]
print(f"{len(clients)} clients, {len(channels)} channels, {key[:4]}…, webhooks to {hook}")
