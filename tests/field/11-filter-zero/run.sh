#!/bin/sh
# A filter whose members are zero, except size and type, must match the events of all ticks.
set -u
here=$(cd "$(dirname "$0")" && pwd)
for tool in eventure cc pkg-config; do
    command -v "$tool" >/dev/null || { echo "cannot run: needs $tool"; exit 77; }
done
work=$(mktemp -d) || exit 77
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work" || exit 77
status=0
wrong() { echo "wrong: $*"; status=1; }
stop() { echo "wrong: the case cannot be set up: $(cat err 2>/dev/null)"; exit 1; }

for _ in 1 2 3 4; do
    eventure append g.db rabbit.born --advance >/dev/null || stop
done
cc -o filter "$here/filter.c" $(pkg-config --cflags --libs eventure) || stop
said=$(./filter) || stop
case $said in
    4 | refused:*) ;;
    *) wrong "the filter finds $said of 4 events, and no error is reported" ;;
esac
exit $status
