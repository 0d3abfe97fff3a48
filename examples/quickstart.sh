#!/bin/sh
# Queues the leads of two clients in a temporary folder, calls those that may be called, and shows what became of them.
# Nobody is phoned: the calls are played, on a Monday at ten in New York.
#
#   examples/quickstart.sh                           builds callq first (a debug build: quick to make)
#   CALLQ_PROGRAM=/path/to/callq examples/quickstart.sh    takes a built one
set -eu

examples=$(cd "$(dirname "$0")" && pwd)
repository=$(dirname "$examples")

if [ -z "${CALLQ_PROGRAM:-}" ]; then
    echo 'Building callq and the packages that it uses. The first time this takes some minutes; cargo shows how far it is.' >&2
    (cd "$repository" && cargo build --locked --bin callq)
    CALLQ_PROGRAM=${CARGO_TARGET_DIR:-$repository/target}/debug/callq
fi
case $CALLQ_PROGRAM in
/*) ;;
*) CALLQ_PROGRAM=$(pwd)/$CALLQ_PROGRAM ;;
esac

# A private folder: callq refuses a configuration that others could change, since it names a program to run.
umask 077
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
cp "$examples/quickstart.toml" "$examples/contacts.csv" "$examples/globex-leads.csv" "$work"
chmod 600 "$work/quickstart.toml"
cd "$work"

# What the caller's environment says about other queues does not count here.
unset CALLQ_CLIENT
unset QUEUE_MAX_CONCURRENT QUEUE_RETRY_DELAYS QUEUE_DEFAULT_TIMEZONE QUEUE_PROCESS_INTERVAL
unset QUEUE_BUSINESS_HOURS_START QUEUE_BUSINESS_HOURS_END
export CALLQ_CONFIG="$work/quickstart.toml" CALLQ_DB="$work/queue.db" CALLQ_NOW=2026-11-23T15:00:00Z

title() { printf '\n# %s\n' "$*"; }
callq() {
    printf '$ callq %s\n' "$*"
    "$CALLQ_PROGRAM" "$@"
}

title 'The export of a CRM goes in as it is. Bad records are named, and left out.'
callq import -c acme contacts.csv --invalid skip --rejects wrong.csv
callq import -c globex globex-leads.csv

title 'A person wrote that she wants no more calls.'
callq dnc add '(212) 555-0119' -c acme --source caller

title 'What every client is doing.'
callq status

title 'A number has hours of its own: in Los Angeles it is seven in the morning.'
callq why c-902 | sed 2q

title 'One run calls everybody who is due and allowed now.'
callq process

title 'Who was not reached waits: the configuration caps the calls to one number.'
callq list
callq why c-904 | sed 2q

title 'What every client is doing now.'
callq status
