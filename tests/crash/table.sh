#!/bin/sh
# Prints the work of the fault tests and fuzzers of a build: table.sh BUILD. With table.sh BUILD PREFIX, only that of
# the tests whose names begin with PREFIX.
set -eu
counts=$1/fault-counts
prefix=${2:-}
[ -d "$counts" ] || exit 0
[ -n "$prefix" ] || echo "What was tried to break it:"
for file in "$counts/$prefix"*
do
    case $file in
    "$counts"/operation-*) continue ;;
    esac
    [ -e "$file" ] || continue
    printf '  %-16s %s\n' "$(basename "$file")" "$(cat "$file")"
done
[ -z "$prefix" ] || exit 0
# Each operation of crash.operations is a test of its own.
cat "$counts"/operation-* 2> /dev/null | awk '{ failures += $1; operations += $4 }
    END { if (NR > 0) printf "  %-16s %d failures below %d operations; leaks: 0, losses: 0\n", "operations", failures, operations }'
# libFuzzer reports its executions in the log of the tests.
log=$1/Testing/Temporary/LastTest.log
if [ -e "$log" ] && grep -q '^stat::number_of_executed_units' "$log"; then
    awk '/^stat::number_of_executed_units/ { units += $2; fuzzers++ }
         END { printf "  %-16s %d executions of %d fuzzers; crashes: 0\n", "fuzzing", units, fuzzers }' "$log"
fi
