#!/bin/sh
# The messages of copy, fork and archive on a terminal: at the end, and after Ctrl-C.
set -u
here=$(cd "$(dirname "$0")" && pwd)
for tool in eventure python3 awk; do
    command -v "$tool" >/dev/null || { echo "cannot run: needs $tool"; exit 77; }
done
python3 -c 'import pty; pty.openpty()' 2>/dev/null || { echo "cannot run: needs a pseudo-terminal"; exit 77; }
work=$(mktemp -d) || exit 77
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work" || exit 77
status=0
wrong() { echo "wrong: $*"; status=1; }
stop() { echo "wrong: the case cannot be set up: $(cat err 2>/dev/null)"; exit 1; }

awk 'BEGIN { for (i = 0; i < 200000; i++)
    printf "{\"tick\":%d,\"timestamp\":%d,\"type\":\"unit.moved\",\"data\":{},\"event_id\":\"e%d\",\"parent_id\":null}\n",
        i / 10, i, i }' | eventure import g.db 2>err || stop

on_terminal() { python3 "$here/terminal.py" "$@"; }

# ends COMMAND...: the summary is on a separate line
ends() {
    on_terminal ends eventure "$@" >screen || wrong "$1: fails: $(cat screen)"
    grep -qx '[0-9]* events' screen || wrong "$1: the summary is not on a line of its own: $(grep events screen)"
}
ends copy g.db copy.db
ends fork g.db fork.db --at 15000

# interrupted COMMAND...: the message does not mention callbacks, which are internal
interrupted() {
    for _ in 1 2 3 4 5; do
        rm -f new.db*
        if ! on_terminal interrupted eventure "$@" >screen; then
            [ -s screen ] || wrong "$1: does not end when Ctrl-C is typed"
            ! grep -qi callback screen || wrong "$1: after Ctrl-C, it says: $(grep -i callback screen)"
            return
        fi
    done
    echo "not tried: $1 was over before it could be interrupted"
    [ $status -ne 0 ] || status=77
}
interrupted copy g.db new.db
interrupted fork g.db new.db --at 15000
interrupted archive g.db new.db --before 15000
exit $status
