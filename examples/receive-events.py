#!/usr/bin/env python3
"""Receives the webhooks of callq, verifies their signatures, and prints each event once.

    CALLQ_WEBHOOK_SECRET=whsec_... receive-events.py [PORT]

The signature is version 1 of the Standard Webhooks specification. Only the standard library is used. Put a server that
speaks https before it, or run it on the machine of callq.
"""

import base64
import binascii
import hashlib
import hmac
import http.server
import json
import os
import sys
import time

# How old a message may be, or how far in the future, in seconds.
TOLERANCE = 5 * 60
# The most bytes of an event.
LARGEST = 1 << 20
# The events that were taken; a real receiver keeps them in its database.
seen = set()


def secret():
    """The key that the secret stands for."""
    text = os.environ["CALLQ_WEBHOOK_SECRET"].strip()
    if not text.startswith("whsec_"):
        raise ValueError("the secret begins with whsec_")
    return base64.b64decode(text[len("whsec_"):], validate=True)


def is_signed(headers, body, key, now):
    """Whether a message comes from who has the key, and is not an old one."""
    name, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not stamp.isascii() or not stamp.isdigit() or abs(now - int(stamp)) > TOLERANCE:
        return False
    expected = hmac.new(key, f"{name}.{stamp}.".encode() + body, hashlib.sha256).digest()
    for signature in headers.get("webhook-signature", "").split():
        version, _, digest = signature.partition(",")
        try:
            given = base64.b64decode(digest, validate=True)
        except (binascii.Error, ValueError):
            continue
        if version == "v1" and hmac.compare_digest(given, expected):
            return True
    return False


class Receiver(http.server.BaseHTTPRequestHandler):
    """Answers 204 to an event that was taken, also when it comes again."""

    def do_POST(self):
        try:
            length = int(self.headers.get("content-length", ""))
        except ValueError:
            length = -1
        if not 0 <= length <= LARGEST:
            return self.answer(413)
        body = self.rfile.read(length)
        if not is_signed(self.headers, body, KEY, time.time()):
            return self.answer(401)
        event = json.loads(body)
        if event["id"] not in seen:
            print(event["time"], event["type"], event["subject"], event["data"]["lead_id"] or "-", flush=True)
            seen.add(event["id"])
        return self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Prints events only."""


if __name__ == "__main__":
    KEY = secret()
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8080
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Receiver)
    print(f"listening on port {server.server_port}", file=sys.stderr, flush=True)
    server.serve_forever()
