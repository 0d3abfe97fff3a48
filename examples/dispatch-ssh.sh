#!/bin/sh
# A dispatcher that lets another machine place the call: `start-call` there, beside this script, takes it and reports.
#
#   CALLER    the other machine, as ssh names it: callq@dialler-2
#
# ssh needs a key without a password, and the other machine in its known hosts.
set -u

[ -n "${CALLER:-}" ] || exit 78      # a setting is missing: the dispatcher is at fault, no lead loses a retry
[ -n "${CALLQ_PHONE:-}" ] || exit 20 # failed: this lead can never be reached so

there() { ssh -o BatchMode=yes -o ConnectTimeout=10 "$CALLER" "$@"; }

# A connection that cannot be made is known before anything is asked: returned, nobody was called, try later.
there true </dev/null || exit 75

# The item goes on by standard input. The arguments hold nothing that the shell there would read otherwise.
there start-call "$CALLQ_ATTEMPT_ID" "$CALLQ_PHONE"
case $? in
0) echo '{"outcome": "accepted"}' ;; # `callq report` brings the result later
75) exit 75 ;;                       # returned: the other machine has no line free
*) exit 1 ;;                         # unknown: also 255, a connection that broke; the call may have begun
esac
