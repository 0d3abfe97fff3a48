#!/bin/sh
# A dispatcher that lets a job of Nomad place the call, on any machine of the cluster.
#
#   NOMAD_JOB    a parameterized job: it takes the item as its payload, places the call to ${NOMAD_META_phone}, and
#                brings the result by `callq report --input jsonl`, with ${NOMAD_META_attempt} as attempt_id
#
# The job must not be run again when it fails or its machine does: it would call twice. So it has
#     restart    { attempts = 0  mode = "fail" }
#     reschedule { attempts = 0  unlimited = false }
#     parameterized { payload = "required"  meta_required = ["attempt", "phone"] }
set -u

[ -n "${NOMAD_JOB:-}" ] || exit 78   # a setting is missing: the dispatcher is at fault, no lead loses a retry
[ -n "${CALLQ_PHONE:-}" ] || exit 20 # failed: this lead can never be reached so

# No server answers: nothing was asked. Returned, nobody was called, try later.
nomad status "$NOMAD_JOB" </dev/null >/dev/null || exit 75

# The token makes Nomad take a job once, however often it is asked. `-` is the payload: the item, by standard input.
if job=$(nomad job dispatch -detach -idempotency-token "$CALLQ_ATTEMPT_ID" \
    -meta "attempt=$CALLQ_ATTEMPT_ID" -meta "phone=$CALLQ_PHONE" "$NOMAD_JOB" -); then
    job=$(printf '%s\n' "$job" | sed -n 's/^Dispatched Job ID *= *//p' | tr -cd 'A-Za-z0-9/._-')
    printf '{"outcome": "accepted", "call_id": "%s"}\n' "$job"
else
    exit 1 # unknown: Nomad may have taken the job
fi
