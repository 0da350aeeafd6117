"""A receiver of the hub's webhooks in Python: both signatures checked, each event taken once.

Run: PLATFORM_SECRET=... PORT=9000 python receiver.py
`pip install standardwebhooks` for the second check; without the package the first one is enough.
"""

import base64
import hashlib
import hmac
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

try:
    from standardwebhooks import Webhook, WebhookVerificationError
except ImportError:
    Webhook = None

SECRET = os.environ["PLATFORM_SECRET"]
MOST_BYTES = 1024 * 1024
seen = set()  # in real life a unique key in your database


def is_from_the_hub(headers, body):
    """Over the bytes as they came: parsing and writing JSON again would change them."""
    wanted = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(headers.get("x-360dialog-signature", ""), wanted)


def is_fresh_and_from_the_hub(headers, body):
    """Standard Webhooks: id and time are signed too, and two secrets are good while you rotate."""
    if Webhook is None:
        return True
    secret = "whsec_" + base64.b64encode(SECRET.encode()).decode()
    try:
        Webhook(secret).verify(body, dict(headers))
    except WebhookVerificationError:
        return False
    return True


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        length = int(self.headers.get("content-length", "0"))
        if length > MOST_BYTES:
            return self.answer(413)
        body = self.rfile.read(length)
        if not (
            is_from_the_hub(self.headers, body) and is_fresh_and_from_the_hub(self.headers, body)
        ):
            return self.answer(401)
        event = json.loads(body)
        if event["id"] not in seen:  # the same event may come twice
            seen.add(event["id"])
            print(event["event"], event["data"].get("id", ""), flush=True)
        return self.answer(200)  # at once: do what takes long afterwards

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    address = ("127.0.0.1", int(os.environ.get("PORT", "9000")))
    ThreadingHTTPServer(address, Receiver).serve_forever()
