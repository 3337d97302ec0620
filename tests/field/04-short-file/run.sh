#!/bin/sh
# After a full disk or an incomplete transfer, a store lacks its end, or contains zeroes.
set -u
here=$(cd "$(dirname "$0")" && pwd)
for tool in eventure sqlite3 awk cc pkg-config; do
    command -v "$tool" >/dev/null || { echo "cannot run: needs $tool"; exit 77; }
done
work=$(mktemp -d) || exit 77
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work" || exit 77
status=0
wrong() { echo "wrong: $*"; status=1; }
stop() { echo "wrong: the case cannot be set up: $(cat err 2>/dev/null)"; exit 1; }

cc -o writer "$here/writer.c" $(pkg-config --cflags --libs eventure) && ./writer || stop

# The pages of the rows of events and ticks: table, page, first and last row (counted from 1).
sqlite3 -readonly g.db "SELECT name, pageno, last - ncell + 1, last FROM (
    SELECT name, pageno, ncell, sum(ncell) OVER (PARTITION BY name ORDER BY path) AS last
      FROM dbstat WHERE name IN ('events', 'tick') AND pagetype = 'leaf')" >places ||
    { echo "cannot run: this sqlite3 has no dbstat"; exit 77; }
page=$(sqlite3 -readonly g.db 'PRAGMA page_size')
pages=$(sqlite3 -readonly g.db 'PRAGMA page_count')

# try NAME FIRST LAST: x.db is g.db without its pages FIRST to LAST. Event row n is of tick (n - 1) / 10, tick row n of
# tick n - 1. A tick must be saved when all its rows exist, and cannot be saved when an event is missing.
try() {
    set -- "$1" $(awk -F '|' -v first="$2" -v last="$3" '
        $2 >= first && $2 <= last {
            for (row = $3; row <= $4; row++)
                if ($1 == "events") event[int((row - 1) / 10)] = 1; else tick[row - 1] = 1
        }
        END {
            hurt = 2000
            for (t = 1999; t >= 0; t--) {
                if (!(t in event)) most++
                if (!(t in event) && !(t in tick)) least++; else hurt = t
                if ((t in event) && (t in tick)) untold++
            }
            print least + 0, most + 0, hurt, untold + 0
        }' places)
    name=$1 least=$2 most=$3 hurt=$4 untold=$5

    timeout 10 eventure verify x.db >said 2>&1
    code=$?
    [ $code -eq 1 ] || wrong "$name: verify exits with $code, not 1: $(head -n 1 said | cut -c 1-120)"
    # verify may trust a little less than the rows allow, because indexes are damaged too.
    if [ "$hurt" -lt 2000 ] && ! tr -cs 0-9 '\n' <said | awk -v hurt="$hurt" '
        $1 != "" && $1 <= hurt && $1 >= hurt - 40 { found = 1 } END { exit !found }'; then
        wrong "$name: verify does not say that the ticks before $hurt are right"
    fi

    rm -f new.db
    timeout 10 eventure repair x.db new.db >said 2>err
    line=$(grep '^saved ' said)
    if [ -z "$line" ]; then
        wrong "$name: repair saves nothing ($least ticks or more are whole): $(head -n 1 err | cut -c 1-120)"
        return
    fi
    echo "$line" | tr -d ',;' >said
    read -r _ events _ ticks _ _ rest <said
    lost_events=$(echo "$rest" | sed 's/at least //g' | cut -d ' ' -f 1)
    lost_ticks=$(echo "$rest" | sed 's/at least //g' | cut -d ' ' -f 3)
    [ "$ticks" -ge "$least" ] && [ "$ticks" -le "$most" ] && [ "$events" -eq $((ticks * 10)) ] ||
        wrong "$name: repair saves $ticks ticks, and $least to $most are whole"
    [ "$lost_events" -eq $((20000 - events)) ] ||
        wrong "$name: repair says that $lost_events events are lost; it is $((20000 - events))"
    if [ "$untold" -gt 0 ] && echo "$rest" | grep -q 'at least [0-9]* ticks'; then
        [ "$lost_ticks" -le $((2000 - ticks)) ] || wrong "$name: fewer than $lost_ticks ticks are lost"
    else
        [ "$lost_ticks" -eq $((2000 - ticks)) ] ||
            wrong "$name: repair says that $lost_ticks ticks are lost; it is $((2000 - ticks))"
    fi
    eventure verify new.db >/dev/null 2>&1 || wrong "$name: what repair made is not sound"
}

cut_after() { head -c $(($1 * page)) g.db >x.db; }
zero() { cp g.db x.db && dd if=/dev/zero of=x.db bs="$page" seek=$(($1 - 1)) count="$2" conv=notrunc 2>/dev/null; }

keep=$((pages - 1))
cut_after $keep && try "without the last page" $((keep + 1)) "$pages"
keep=$((pages * 99 / 100))
cut_after $keep && try "cut at 99 %" $((keep + 1)) "$pages"
keep=$((pages * 90 / 100))
cut_after $keep && try "cut at 90 %" $((keep + 1)) "$pages"
keep=$((pages / 2))
zero $((keep + 1)) $((pages - keep)) && try "second half zeroed" $((keep + 1)) "$pages"
hole=$(awk -F '|' '$1 == "tick" && $3 > 1000 { print $2; exit }' places)
zero "$hole" 1 && try "one page of the table tick zeroed" "$hole" "$hole"
exit $status
