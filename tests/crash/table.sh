#!/bin/sh
# Shows what the fault tests and fuzzers of a build did: table.sh BUILD, or only what begins so: table.sh BUILD PREFIX
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
# crash.operations is a test for each operation.
cat "$counts"/operation-* 2> /dev/null | awk '{ failures += $1; operations += $4 }
    END { if (NR > 0) printf "  %-16s %d failures below %d operations; leaks: 0, losses: 0\n", "operations", failures, operations }'
# libFuzzer tells its executions in the log of the tests.
log=$1/Testing/Temporary/LastTest.log
if [ -e "$log" ] && grep -q '^stat::number_of_executed_units' "$log"; then
    awk '/^stat::number_of_executed_units/ { units += $2; fuzzers++ }
         END { printf "  %-16s %d executions of %d fuzzers; crashes: 0\n", "fuzzing", units, fuzzers }' "$log"
fi
