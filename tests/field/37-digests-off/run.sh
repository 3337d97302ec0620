#!/bin/sh
# A user sets store.digests to 'none' by hand, which switches the checks off, and then changes the history.
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

for hp in 10 20 30; do
    eventure append g.db player.hit "{\"hp\":$hp}" --advance >/dev/null || exit 1
done
published=$(eventure digest g.db) || exit 1

sqlite3 g.db >/dev/null <<'SQL' || exit 1
.dbconfig enable_trigger off
UPDATE store SET digests = 'none';
UPDATE events SET data = '{"hp":99}' WHERE seq = 2;
SQL
[ "$(eventure log g.db --data hp=99 --ids | wc -l)" -eq 1 ] ||
    { echo "cannot run: this sqlite3 cannot change it"; exit 77; }

eventure verify g.db >said 2>&1
code=$?
[ $code -eq 1 ] || wrong "verify exits with $code, not 1: $(head -n 1 said)"
if said=$(eventure digest g.db 2>&1) && [ "$said" = "$published" ]; then
    wrong "digest still prints the published digests, though the history is another one"
fi
exit $status
