#!/usr/bin/env python3
"""A dispatcher that lets Asterisk place the call, through its manager interface (AMI), and waits for the end.

    ASTERISK_USER, ASTERISK_SECRET   an account of manager.conf with read = call,user and write = originate
    ASTERISK_HOST, ASTERISK_PORT     where the manager listens; 127.0.0.1 and 5038 without them
    ASTERISK_CHANNEL                 what dials, with {phone} in it; PJSIP/{phone}@trunk without it
    ASTERISK_CONTEXT                 the context of the dialplan that talks to who answers; callq without it
    ASTERISK_RING                    how long it rings, in seconds; 45 without it

The dialplan starts at the extension s when somebody answers. It finds the id of the attempt and the lead in
${CALLQ_ATTEMPT} and ${CALLQ_LEAD}. It may say how the call went, in a word of callq:

    same => n,UserEvent(Callq,Attempt: ${CALLQ_ATTEMPT},Outcome: voicemail)

Set dispatch.timeout to more than the longest call. Asterisk 12 or newer is needed, since the channel has the id of the
attempt: that names its events, and Asterisk refuses a second channel with the id of a living one.
"""

import json
import os
import socket
import sys

# What the network said of a call that nobody answered: the cause of the channel's Hangup event (ITU-T Q.850).
CAUSES = {
    1: "invalid_number",  # unallocated number
    3: "returned",        # no route: our trunk's fault, and the person's telephone did not ring
    17: "busy",
    18: "no_answer",      # no user responding
    19: "no_answer",      # it rang
    20: "no_answer",      # subscriber absent: a mobile that is switched off
    21: "declined",
    22: "invalid_number", # number changed
    28: "invalid_number", # address incomplete
    34: "returned",       # no circuit: nobody was called
    38: "returned",       # network out of order
    41: "returned",       # temporary failure
    42: "returned",       # switching equipment congestion
}
# The Reason of an OriginateResponse without such a cause: a number of Asterisk's control frames.
REASONS = {
    1: "no_answer",  # hung up before an answer
    3: "no_answer",  # rang until the time was up
    5: "busy",
    8: "returned",   # congestion: no line was free
}


def answer(outcome, **fields):
    """Leaves the result where callq finds it, or its next run after a crash: whole, since the file is renamed."""
    path = os.environ["CALLQ_RESULT_FILE"]
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump({"outcome": outcome, **fields}, file)
    os.replace(path + ".new", path)
    sys.exit(0)


def clean(text):
    """A value of a header. A line's end would begin another header."""
    return "".join(letter for letter in str(text) if letter.isprintable())


class Manager:
    """The connection: messages are lines `Name: value`, and an empty line ends each."""

    def __init__(self, host, port):
        self.socket = socket.create_connection((host, port), timeout=10)
        self.stream = self.socket.makefile("rwb")
        self.early = []
        self.stream.readline()  # Asterisk Call Manager/9.0.0

    def send(self, **headers):
        lines = [f"{name}: {clean(value)}\r\n" for name, value in headers.items()]
        self.stream.write(("".join(lines) + "\r\n").encode())
        self.stream.flush()

    def receive(self):
        message = {}
        while True:
            line = self.stream.readline()
            if not line:
                raise ConnectionError("the manager went away")
            line = line.decode("utf-8", "replace").strip()
            if line:
                name, _, value = line.partition(":")
                message[name.strip().lower()] = value.strip()
            elif message:
                return message

    def response(self, action):
        """The response to an action. Events that come before it are kept."""
        while True:
            message = self.receive()
            if "event" in message:
                self.early.append(message)
            elif message.get("actionid") == action:
                return message

    def event(self):
        return self.early.pop(0) if self.early else self.receive()


def number(text):
    return int(text) if text and text.isdigit() else None


call = json.load(sys.stdin)
attempt, phone = call["attempt_id"], call["item"]["phone"]
user, secret = os.environ.get("ASTERISK_USER"), os.environ.get("ASTERISK_SECRET")
try:
    port, ring = int(os.environ.get("ASTERISK_PORT", "5038")), int(os.environ.get("ASTERISK_RING", "45"))
except ValueError:
    sys.exit(78)
if not user or not secret:
    sys.exit(78)  # a setting is missing: the dispatcher is at fault, no lead loses a retry
if not phone:
    answer("failed", reason="no_phone_number")

try:
    manager = Manager(os.environ.get("ASTERISK_HOST", "127.0.0.1"), port)
    manager.send(Action="Login", ActionID="login", Username=user, Secret=secret, Events="call,user")
    login = manager.response("login")
except OSError as error:
    print(error, file=sys.stderr)
    answer("unavailable", reason="asterisk_down")  # nothing was asked yet
if login.get("response") != "Success":
    answer("unavailable", reason="login_refused")

word, cause = None, None
try:
    manager.send(
        Action="Originate", ActionID=attempt, ChannelId=attempt, Async="true",
        Channel=os.environ.get("ASTERISK_CHANNEL", "PJSIP/{phone}@trunk").replace("{phone}", phone),
        Context=os.environ.get("ASTERISK_CONTEXT", "callq"), Exten="s", Priority=1, Timeout=ring * 1000,
        Variable=f"CALLQ_ATTEMPT={attempt},CALLQ_LEAD={clean(call['item']['lead_id']).replace(',', ' ')}",
    )
    asked = manager.response(attempt)
    if asked.get("response") != "Success":
        print(asked.get("message"), file=sys.stderr)
        answer("unavailable", reason="originate_refused")  # no right to, or no such channel: nobody was called
    # It rings now; who answers may talk for long, and callq ends this program at dispatch.timeout.
    manager.socket.settimeout(None)
    answered = False
    while True:
        event = manager.event()
        name = event.get("event", "").lower()
        if name == "userevent" and event.get("userevent", "").lower() == "callq" and event.get("attempt") == attempt:
            word = event.get("outcome")
        elif name == "hangup" and event.get("uniqueid") == attempt:
            cause = number(event.get("cause"))
            if answered:
                answer(word or "completed", reason=word or "answered")
        elif name == "originateresponse" and event.get("actionid") == attempt:
            if event.get("response") == "Success":
                answered = True
                if cause is not None:  # hung up already
                    answer(word or "completed", reason=word or "answered")
                continue
            # On a failure the hangup of the channel has come before, where there was a channel.
            outcome = CAUSES.get(cause) or REASONS.get(number(event.get("reason")))
            # Reason 0 without a channel: the trunk is not there, or not registered. Else nothing is certain.
            if outcome is None:
                outcome = "unavailable" if cause is None and number(event.get("reason")) == 0 else "unknown"
            told = outcome not in ("returned", "unavailable", "unknown")
            answer(outcome, reason=outcome if told else "no_channel" if cause is None else f"cause_{cause}")
except OSError as error:
    print(error, file=sys.stderr)
    answer("unknown", reason="connection_lost")  # the call may have taken place: a person decides
