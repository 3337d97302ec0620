#!/bin/sh
# The schema of a store is changed by hand, so that the triggers no longer protect the tables, or queries return
# different results. The tables are unchanged. verify must name the changed object.
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

for _ in 1 2 3 4; do
    eventure append g.db a.b '{}' --parent "$(eventure append g.db c.d '{}')" --advance >/dev/null || exit 1
done

# try NAME WHAT SQL...: verify must name NAME after each SQL was run on the store, each in its own connection.
try() {
    name=$1
    what=$2
    shift 2
    cp g.db x.db
    for sql in "$@"; do
        printf '%s\n' '.dbconfig enable_trigger off' '.dbconfig defensive off' '.dbconfig writable_schema on' "$sql" |
            sqlite3 x.db >/dev/null || { echo "cannot run: this sqlite3 cannot change a schema"; exit 77; }
    done
    eventure verify x.db >said 2>&1
    code=$?
    if [ $code -ne 1 ]; then
        wrong "$what: verify exits with $code, not 1: $(head -n 1 said)"
    elif ! grep -Eqw "$name" said; then
        wrong "$what: verify does not name it: $(head -n 1 said)"
    fi
    rm -f x.db*
}

for trigger in events_update events_delete tick_append_only_update origin_append_only_insert; do
    try $trigger "the trigger $trigger is dropped" "DROP TRIGGER $trigger;"
done
try data_value_delete 'the trigger data_value_delete does nothing' \
    'DROP TRIGGER data_value_delete;
     CREATE TRIGGER data_value_delete BEFORE DELETE ON data_value BEGIN SELECT 1; END;'
try events_insert 'the trigger events_insert guards another moment' \
    "UPDATE sqlite_master SET sql = replace(sql, 'BEFORE INSERT', 'AFTER INSERT') WHERE name = 'events_insert';"
try ticks 'the view ticks counts one more' \
    "UPDATE sqlite_master SET sql = replace(sql, 'first_seq + 1', 'first_seq + 2') WHERE name = 'ticks';"
try roots 'the view roots leaves an event out' \
    "UPDATE sqlite_master SET sql = replace(sql, ' WHERE ', ' WHERE events.seq <> 3 AND ') WHERE name = 'roots';"
try type_counts 'the view type_counts is dropped' 'DROP VIEW type_counts;'
try events_parent_seq 'the index events_parent_seq leaves an event out' \
    'DROP INDEX events_parent_seq;
     CREATE INDEX events_parent_seq ON events (parent_seq) WHERE seq <> 4;'
try events_tick 'the index events_tick is dropped' 'DROP INDEX events_tick;'
try events_id 'the index events_id is not unique any more' \
    'DROP INDEX events_id; CREATE INDEX events_id ON events (id);'
try events_type 'the index events_type is on another column' \
    'DROP INDEX events_type; CREATE INDEX events_type ON events (id);'
try 'events' 'the table events has a column more' 'ALTER TABLE events ADD COLUMN note TEXT;'
try 'save_point' 'the table save_point takes any value' \
    "UPDATE sqlite_master SET sql = replace(sql, 'STRICT', '') WHERE name = 'save_point';"
try 'more' 'there is a trigger more' \
    'CREATE TRIGGER more AFTER INSERT ON save_point BEGIN DELETE FROM snapshot; END;'
exit $status
