#!/bin/sh
# The example: a run that is killed in the middle of a day, and continued, must have the same history as a run that is
# not killed.
#
#   epidemic.sh PYTHON EXAMPLE
set -eu
python=$1
example=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$python" "$example" run "$scratch/whole.db" --days 15 > "$scratch/whole.txt"
code=0
"$python" "$example" run "$scratch/killed.db" --days 15 --crash-after 7 > /dev/null || code=$?
[ "$code" -eq 9 ] || { echo "the run was not killed, but ended with $code"; exit 1; }
"$python" "$example" run "$scratch/killed.db" --days 15 > "$scratch/killed.txt"
tail -n 1 "$scratch/whole.txt" > "$scratch/expected.txt"
tail -n 1 "$scratch/killed.txt" | diff "$scratch/expected.txt" -
"$python" "$example" replay "$scratch/killed.db" 15 > "$scratch/killed-15.txt"
"$python" "$example" replay "$scratch/whole.db" 15 | diff "$scratch/killed-15.txt" -
"$python" "$example" analyse "$scratch/killed.db"
"$python" -c 'import sys, eventure
with eventure.read(sys.argv[1]) as one, eventure.read(sys.argv[2]) as other:
    assert not one.diff(other), one.diff(other)' "$scratch/whole.db" "$scratch/killed.db"
