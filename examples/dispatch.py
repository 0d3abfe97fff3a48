#!/usr/bin/env python3
"""A dispatcher: callq starts it once for each call. It hands the call to a telephone service over HTTP."""

import json
import os
import sys
import urllib.error
import urllib.request

OUTCOMES = {
    "answered": "completed",
    "queued": "accepted",  # `callq report` brings the result later
    "no_answer": "retry",
    "busy": "retry",
    "no_such_number": "failed",
}


def answer(outcome, **fields):
    """Leaves the result where callq finds it, or its next run after a crash: whole, since the file is renamed."""
    path = os.environ["CALLQ_RESULT_FILE"]
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump({"outcome": outcome, **fields}, file)
    os.replace(path + ".new", path)
    sys.exit(0)


call = json.load(sys.stdin)
url, phone = os.environ.get("DIALER_URL"), call["item"]["phone"]
if not url:
    sys.exit(78)  # a setting is missing: the dispatcher is at fault, no lead loses a retry
if not phone:
    answer("failed", reason="no_phone_number")

# The id of the attempt is new for each call: the service recognises a repeated request by it.
headers = {"Content-Type": "application/json", "Idempotency-Key": call["attempt_id"]}
body = {"to": phone, "metadata": call["item"]["metadata"]}
request = urllib.request.Request(url, json.dumps(body).encode(), headers)
try:
    with urllib.request.urlopen(request, timeout=60) as response:
        said = json.load(response)
except urllib.error.HTTPError as error:
    if error.code == 429:
        answer("returned", reason="service_busy")  # nobody was called, try later
    if error.code in (401, 402, 403):
        answer("unavailable", reason="refused_by_service")
    answer("failed" if error.code == 400 else "unknown", reason=f"http_{error.code}")
except OSError as error:
    if isinstance(getattr(error, "reason", None), ConnectionRefusedError):
        answer("returned", reason="service_down")  # nothing was sent
    answer("unknown", reason="connection_lost")  # the call may have taken place: a person decides

status = said.get("status")
answer(OUTCOMES.get(status, "unknown"), reason=status, call_id=said.get("id"))
