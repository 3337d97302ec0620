#!/bin/sh
# Shows Eventure at work: installs what is missing, builds, imports a real history, and shows it with several commands.
#
#   tools/demo.sh [--no-install]
#
# The history is examples/data/eventure-commits.jsonl: the first commits of Eventure itself, one tick for each commit; a
# commit is the cause of the next commit and of its changes of files. The store stays in build/demo/history.db for
# further experiments.
# shellcheck disable=SC2016  # commands are printed without expansion, and expanded when they run
set -eu
cd "$(dirname "$0")/.."

install=true
case ${1:-} in
'') ;;
--no-install) install=false ;;
*)
    sed -n '2,/^# shellcheck/{/^# shellcheck/d;s/^# \{0,1\}//;p;}' "$0"
    [ "$1" = --help ] || [ "$1" = -h ] || exit 2
    exit 0
    ;;
esac

if "$install"; then
    tools/install-deps.sh --build < /dev/null
fi

build=build/demo
log=$build/build.log
mkdir -p "$build"
echo "Building in $build ..."
if ! { cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF &&
    cmake --build "$build" --target eventure_program; } > "$log" 2>&1 < /dev/null; then
    tail -n 40 "$log"
    echo "demo.sh: the build failed; all it said is in $log" >&2
    exit 1
fi

PATH=$PWD/$build/tools/eventure:$PATH
export PATH
examples=$PWD/examples/data
cd "$build"
rm -f history.db history.db-* copy.jsonl

say()
{
    printf '\n# %s\n' "$*"
}

# Shows a command line, and runs it.
show()
{
    printf '$ %s\n' "$*"
    eval "$*"
}

cp "$examples/eventure-commits.jsonl" commits.jsonl
cp "$examples/source-tree.sql" .

say 'Import a history: the first commits of Eventure itself. A commit is a tick, and caused the next one.'
show 'eventure import history.db commits.jsonl'
show 'eventure stats history.db'

say 'Ask for events: the first commits, and everything that ever happened to one file.'
show 'eventure log history.db --type commit.made --limit 5'
show 'eventure log history.db --data path=CMakeLists.txt --limit 5'

say 'What caused what: two ticks as cascades, and what led to the one change in tick 7.'
show 'eventure cascade history.db --tick 22..23'
show 'eventure ancestors history.db "$(eventure log history.db --tick 7 --type file.changed --ids)"'

say 'The same history in SQL: the five busiest ticks.'
show 'eventure sql history.db "
    SELECT tick, count(*) AS changes, sum(data ->> '\''added'\'') AS lines
      FROM events WHERE type LIKE '\''file.%'\'' GROUP BY tick ORDER BY changes DESC LIMIT 5"'

say 'The state at a tick: a projection folds the events into tables. The source tree after commit 3, and after commit 20.'
show 'cat source-tree.sql'
show 'eventure state history.db --projection source-tree.sql --at 3 --sql "SELECT * FROM part"'
show 'eventure state history.db --projection source-tree.sql --at 20 --sql "SELECT * FROM part LIMIT 6"'

say 'It is an SQLite file like any other ...'
show 'sqlite3 -box history.db "SELECT * FROM type_counts"'

say '... and it comes out as it went in.'
show 'eventure export history.db copy.jsonl && cmp commits.jsonl copy.jsonl && echo the same, byte for byte'

printf '\nThe store is %s/history.db. eventure --help lists what else it can tell.\n' "$build"
printf 'See it in the browser: %s/tools/eventure/eventure serve %s/history.db --projection %s/source-tree.sql\n' \
    "$build" "$build" "$build"
