#!/bin/sh
# A file is made under a name under which a store keeps a file of its own: a mistyped name, or a loop over `g.db*`.
set -u
for tool in eventure sqlite3; do
    command -v "$tool" >/dev/null || { echo "cannot run: needs $tool"; exit 77; }
done
work=$(mktemp -d) || exit 77
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work" || exit 77
status=0
wrong() { echo "wrong: $*"; status=1; }

printf '%s\n' '-- @setup' 'CREATE TABLE t (v);' '-- @on *' 'INSERT INTO t VALUES (1);' >p.sql
for _ in 1 2 3; do
    eventure append g.db a.b --advance >/dev/null || exit 1
done
cp g.db whole.db
cp g.db head.db
eventure archive head.db first.db --before 1 2>/dev/null || exit 1
cp head.db rest.db
eventure export g.db lines.jsonl 2>/dev/null || exit 1
ln -s g.db-wal link
mkdir sub
ln -s .. sub/up

# refused NAME COMMAND...: the command must fail, name both files, and make none.
refused() {
    name=$1
    shift
    before=$(ls -A)
    said=$(eventure "$@" 2>&1 >/dev/null) && wrong "eventure $* succeeds"
    case $said in
        *"$name"*g.db*) ;;
        *) wrong "eventure $*: the error does not name both files: $said" ;;
    esac
    [ "$(ls -A)" = "$before" ] || wrong "eventure $*: makes $(ls -A | tr '\n' ' ')"
    cmp -s g.db whole.db || wrong "eventure $*: changes the store"
}

for name in g.db-wal ./g.db-shm "$work/g.db-journal" sub/../g.db-writer sub/up/g.db-wal link g.db-follow-n; do
    refused "$name" copy g.db "$name"
    refused "$name" copy whole.db "$name"
    refused "$name" fork g.db "$name" --tick 1
    refused "$name" archive g.db "$name" --before 1
    refused "$name" repair g.db "$name"
    refused "$name" join first.db rest.db "$name"
    refused "$name" export g.db "$name"
    refused "$name" export whole.db "$name"
    refused "$name" export --format sqlite g.db "$name"
    refused "$name" project --projection p.sql --into "$name" g.db
    [ "$name" = link ] || refused "$name" fleet . --sql 'SELECT 1' --into "$name"
    refused "$name" import "$name" lines.jsonl
    refused "$name" append "$name" a.b
done

# A log that is open loses nothing.
mkfifo in
{ eventure import g.db - <in >/dev/null 2>&1; } &
exec 9>in
echo '{"tick": 3, "timestamp": 1, "type": "c.d", "data": {}}' >&9
until [ -e g.db-wal ] || ! kill -0 $! 2>/dev/null; do sleep 0.01; done
eventure export whole.db g.db-wal 2>/dev/null && wrong "export overwrites the write-ahead log of an open store"
exec 9>&-
wait
[ "$(eventure log g.db --type c.d --ids | wc -l)" -eq 1 ] || wrong "the open log loses an event"

# The store itself is not a place either, also under another name; and nothing is left beside that name.
ln g.db hard.db
for name in g.db hard.db; do
    eventure project --projection p.sql --into $name whole.db 2>/dev/null && wrong "project --into $name succeeds"
    eventure project --projection p.sql --into $name g.db 2>/dev/null && wrong "project --into $name succeeds"
done
rm hard.db
left=$(find . -maxdepth 1 -name 'hard*')
[ -z "$left" ] || wrong "project leaves $left"

# Ordinary names that only look similar.
for name in new-wal other.db-wal g-journal; do
    eventure export whole.db $name 2>/dev/null || wrong "export to $name is refused"
done
exit $status
