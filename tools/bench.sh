#!/bin/sh
# Runs the benchmark, and writes docs/bench.md and the plots beside it.
#
#   tools/bench.sh [--rounds N] [--large] [--events N,N...] [--directory DIR] [--sql-events N] [--sql-runs N]
#
# --rounds N       how often each measure runs (default 5); a short measure runs five times as often
# --events N,N...  sizes of the workload (default 10000,100000,1000000)
# --large          also 10,000,000 events: needs several GB and half an hour more
# --directory DIR  where the databases are written: on the disk to measure (default build/bench/data)
# --sql-events N   natural SQL is measured on W(N) (default 1000000; 0: not at all) and on real histories: those of
#                  ../shared/data where that is, else the small ones of tests/data/histories
# --sql-runs N     how often each SQL query runs (default 5)
#
# Instruction counts are added when valgrind is installed, and plots when gnuplot is. Figures of an earlier run that
# could not be measured this time are left out.
set -eu
cd "$(dirname "$0")/.."

rounds=5
events=10000,100000,1000000
data=build/bench/data
sql_events=1000000
sql_runs=5
command="tools/bench.sh"
[ $# -eq 0 ] || command="$command $*"
while [ $# -gt 0 ]
do
    case $1 in
    --rounds) rounds=$2 && shift 2 ;;
    --events) events=$2 && shift 2 ;;
    --large) events=$events,10000000 && shift ;;
    --directory) data=$2 && shift 2 ;;
    --sql-events) sql_events=$2 && shift 2 ;;
    --sql-runs) sql_runs=$2 && shift 2 ;;
    -h | --help)
        sed -n '2,/^set -eu/{/^set -eu/d;s/^# \{0,1\}//;p;}' "$0"
        exit 0
        ;;
    *)
        echo "bench.sh: unknown argument '$1' (try --help)" >&2
        exit 2
        ;;
    esac
done

build=build/bench
cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DBUILD_TESTING=OFF > /dev/null
cmake --build "$build" --target eventure_bench eventure_program --parallel > /dev/null
bench=$build/tools/bench/eventure_bench
mkdir -p "$data" docs/bench
"$bench" --events "$events" --rounds "$rounds" --directory "$data" --json docs/bench/results.json \
    --columns "$build/columns.tsv" > "$build/tables.md"

# Natural SQL: W(n) as lines, and real histories.
natural=$build/natural.md
echo "Not measured this time." > "$natural"
rm -f docs/bench/natural-sql.json
status=0
if [ "$sql_events" -gt 0 ] && command -v python3 > /dev/null 2>&1; then
    program=$build/tools/eventure/eventure
    lines=$data/workload.jsonl
    "$bench" --keep --events "$sql_events" --rounds 1 --directory "$data" --only text --who export > /dev/null
    "$program" export "$data/store-$sql_events.db" > "$lines"
    rm -f "$data/store-$sql_events.db"* "$data/by-hand-$sql_events.db"*
    set -- "W($sql_events)=$lines"
    if [ -d ../shared/data ]; then
        for name in showdown-all hearthstone-native wyscout-worldcup2018
        do
            [ ! -f "../shared/data/$name.jsonl.xz" ] || set -- "$@" "../shared/data/$name.jsonl.xz"
        done
    fi
    [ $# -gt 1 ] || set -- "$@" tests/data/histories/*.jsonl.xz
    PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1 python3 tools/bench/natural_sql.py "$program" --runs "$sql_runs" \
        --scratch "$data" --json docs/bench/natural-sql.json "$@" > "$natural.new" || status=$?
    # After a failure, which was reported, the other measurements are still written.
    [ $status -ne 0 ] || mv "$natural.new" "$natural"
    [ $status -ne 77 ] || status=0
    rm -f "$natural.new" "$lines"
fi

# instructions MEASURE WHO FUNCTION: prints the instructions per event of a run over W(20000), counting only FUNCTION
# and what it calls.
instructions()
{
    valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect="$3" \
        "$bench" --in-process --keep --events 20000 --rounds 1 --directory "$data" --only "$1" --who "$2" 2>&1 > /dev/null |
        awk '/Collected/ { printf "%d", $4 / 20000 }'
}

counts=$build/counts.md
: > "$counts"
if command -v valgrind > /dev/null 2>&1; then
    {
        echo "| work, W(20000) | who | instructions an event |"
        echo "| --- | --- | --- |"
        echo "| append, a commit a tick | library | $(instructions append-normal library library_append_tick) |"
        echo "| | by hand | $(instructions append-normal 'by hand' by_hand_append_tick) |"
        echo "| | by hand, same indexes | $(instructions append-normal 'by hand, same indexes' by_hand_append_tick) |"
        echo "| | floor | $(instructions append-normal floor floor_append_tick) |"
        echo "| | background, the caller | $(instructions append-normal background eventure_log_append) |"
        echo "| replay | library | $(instructions replay library eventure_replay_ticks) |"
        echo "| export | library | $(instructions text export eventure_store_export) |"
        echo "| viewer | library | $(instructions text viewer eventure_cascade_print) |"
        echo "| import | library | $(instructions import library eventure_log_import) |"
    } > "$counts"
    rm -f "$data"/*-20000.*
fi

if command -v gnuplot > /dev/null 2>&1; then
    tools/bench/plot.sh "$build/columns.tsv" docs/bench
else
    rm -f docs/bench/*.svg
fi

# Makes the page: inserts the measured parts into its template.
awk -v command="$command" -v tables="$build/tables.md" -v counts="$counts" \
    -v natural="$natural" '
    function put(file, line) { while ((getline line < file) > 0) print line; close(file) }
    $0 == "@TABLES@" { put(tables); next }
    $0 == "@COUNTS@" { put(counts); next }
    $0 == "@NATURAL@" { put(natural); next }
    /^!\[/ { plot = $0; sub(/.*\(/, "", plot); sub(/\).*/, "", plot)
             if (system("test -f docs/" plot) != 0) next }
    { gsub(/@COMMAND@/, command); print }' tools/bench/bench.md.in > docs/bench.md
echo "docs/bench.md is written"
exit $status
