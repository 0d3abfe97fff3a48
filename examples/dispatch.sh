#!/bin/sh
# A dispatcher: callq starts it once for each call. A program `dial` places the call here and prints a word and its own
# id of the call; put yours in its place.
set -u

# Nothing was dialled yet.
[ -n "${CALLQ_PHONE:-}" ] || exit 20  # failed: this lead can never be reached so
command -v dial >/dev/null || exit 69 # the dispatcher is at fault: no lead loses a retry

# Leaves the result where callq finds it, or its next run after a crash: whole, since the file is renamed.
answer() {
    printf '%s\n' "$1" >"$CALLQ_RESULT_FILE.new" && mv "$CALLQ_RESULT_FILE.new" "$CALLQ_RESULT_FILE"
}

# The id of the attempt is new for each call: a telephone system recognises a repeated request by it.
said=$(dial --key "$CALLQ_ATTEMPT_ID" "$CALLQ_PHONE") || exit 1 # unknown: a person decides
word=${said%% *} id=${said#* }
case $word in
answered) answer '{"outcome": "completed", "reason": "answered", "call_id": "'"$id"'"}' ;;
queued) answer '{"outcome": "accepted", "call_id": "'"$id"'"}' ;; # `callq report` brings the result later
no_answer) exit 10 ;;
busy) exit 11 ;;
voicemail) exit 12 ;;
no_such_number) exit 20 ;;
full) exit 75 ;; # returned: nobody was called, try later
*) exit 1 ;;     # unknown: the call may have taken place
esac
