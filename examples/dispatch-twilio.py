#!/usr/bin/env python3
"""A dispatcher that lets Twilio place the call, over its REST interface (2010-04-01), and waits for the end.

    TWILIO_ACCOUNT, TWILIO_TOKEN   the account's SID and token, or a key of the API
    TWILIO_FROM                    the number that calls, yours there
    TWILIO_TALK                    the address of the TwiML that talks to who answers
    TWILIO_API                     https://api.twilio.com without it; services with the same interface have another
    TWILIO_POLL                    how often to ask for the status, in seconds; 5 without it

Set dispatch.timeout to more than the longest call. Twilio takes no key by which it would know a request that comes
again, so this program never sends one twice.
"""

import base64
import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

# The last word of a call's status.
ENDS = {
    "completed": "completed",
    "busy": "busy",
    "no-answer": "no_answer",
    "canceled": "failed",  # somebody at Twilio stopped it
    "failed": "retry",     # the network could not connect it; Twilio does not say whether the number is wrong
}
# Codes of refused requests that say something of the number. Every other one is a setting, a right or the credit.
NUMBERS = {
    21211: "invalid_number",  # invalid To number
    21214: "invalid_number",  # To number cannot be reached
    21217: "invalid_number",  # not a possible number
    21215: "failed",          # the account may not call this country
    21216: "failed",          # the account may not call this number
}


def answer(outcome, **fields):
    """Leaves the result where callq finds it, or its next run after a crash: whole, since the file is renamed."""
    path = os.environ["CALLQ_RESULT_FILE"]
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump({"outcome": outcome, **fields}, file)
    os.replace(path + ".new", path)
    sys.exit(0)


call = json.load(sys.stdin)
phone = call["item"]["phone"]
account, token, caller, talk = (os.environ.get(f"TWILIO_{name}") for name in ("ACCOUNT", "TOKEN", "FROM", "TALK"))
try:
    pause = float(os.environ.get("TWILIO_POLL", "5"))
except ValueError:
    sys.exit(78)
if not account or not token or not caller or not talk:
    sys.exit(78)  # a setting is missing: the dispatcher is at fault, no lead loses a retry
if not phone:
    answer("failed", reason="no_phone_number")
calls = f"{os.environ.get('TWILIO_API', 'https://api.twilio.com')}/2010-04-01/Accounts/{account}/Calls"
login = {"Authorization": "Basic " + base64.b64encode(f"{account}:{token}".encode()).decode()}


def ask(address, fields=None):
    """What Twilio says to a request: its JSON."""
    body = urllib.parse.urlencode(fields).encode() if fields else None
    with urllib.request.urlopen(urllib.request.Request(address, body, login), timeout=30) as response:
        return json.load(response)


try:
    # A machine that answers is said in `answered_by`.
    said = ask(f"{calls}.json", {"To": phone, "From": caller, "Url": talk, "MachineDetection": "Enable"})
    sid = said["sid"]
except urllib.error.HTTPError as error:
    try:
        code = json.load(error).get("code")
    except (ValueError, AttributeError):
        code = None
    if error.code == 429:
        answer("returned", reason="too_many_requests")  # nobody was called, try later
    if code in NUMBERS:
        answer(NUMBERS[code], reason=f"twilio_{code}")
    if 400 <= error.code < 500:
        answer("unavailable", reason=f"twilio_{code or error.code}")  # not the lead's fault
    answer("unknown", reason=f"http_{error.code}")  # 5xx: it may have begun the call
except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError) as error:
    if isinstance(getattr(error, "reason", None), ConnectionRefusedError):
        answer("returned", reason="service_down")  # nothing was sent
    answer("unknown", reason="connection_lost")  # the call may have taken place: a person decides

# From here on the call has its id. A question that fails is asked again: it calls nobody.
while said.get("status") not in ENDS:
    time.sleep(pause)
    try:
        said = ask(f"{calls}/{sid}.json")
    except (OSError, http.client.HTTPException, ValueError) as error:
        print(error, file=sys.stderr)

status = said["status"]
if status == "completed" and str(said.get("answered_by")).startswith(("machine", "fax")):
    answer("voicemail", reason="voicemail", call_id=sid)
reason = "answered" if status == "completed" else status.replace("-", "_")
answer(ENDS[status], reason=reason, call_id=sid)
