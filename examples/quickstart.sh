#!/bin/sh
# Queues leads of two clients in a temporary folder, runs those that are due, and shows what became of them.
# Nobody is called: place-call, beside this script, only plays a dispatcher.
#
#   examples/quickstart.sh                           builds callq first (a debug build: quick to make)
#   CALLQ_PROGRAM=/path/to/callq examples/quickstart.sh    takes a built one
set -eu

examples=$(cd "$(dirname "$0")" && pwd)
repository=$(dirname "$examples")

if [ -z "${CALLQ_PROGRAM:-}" ]; then
    (cd "$repository" && cargo build --quiet --locked --bin callq)
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
cp "$examples/quickstart.toml" "$examples/place-call" "$examples/acme-leads.csv" "$examples/globex-leads.csv" "$work"
chmod 600 "$work/quickstart.toml"
chmod 700 "$work/place-call"
cd "$work"

# What the caller's environment says about other queues does not count here.
unset CALLQ_NOW CALLQ_CLIENT
unset QUEUE_MAX_CONCURRENT QUEUE_RETRY_DELAYS QUEUE_DEFAULT_TIMEZONE QUEUE_PROCESS_INTERVAL
unset QUEUE_BUSINESS_HOURS_START QUEUE_BUSINESS_HOURS_END
export CALLQ_CONFIG="$work/quickstart.toml" CALLQ_DB="$work/queue.db"

title() { printf '\n# %s\n' "$*"; }
callq() {
    printf '$ callq %s\n' "$*"
    "$CALLQ_PROGRAM" "$@"
}

title 'Two clients hand over their leads. acme is open at any hour, globex in office hours.'
callq schedule-batch -c acme -f acme-leads.csv
callq schedule-batch -c globex -f globex-leads.csv

title 'Every lead has a slot: the next instant at which it may be called.'
callq list

title 'One run calls everything that is due and allowed now.'
callq process

title 'Who was reached is done; the others are tried again later, or wait for their slot.'
callq list

title 'The figures.'
callq stats
