#!/bin/sh
# Compares the speed of the amalgamation with that of the shared library: the same program, compiled with -O2, linked to
# both, run alternately. Prints the median CPU times and their ratio, and how long eventure.c takes to compile.
#
#   tools/bench/amalgamation.sh [ROUNDS] [EVENTS]     (default 7 rounds of 300,000 events)
set -eu
cd "$(dirname "$0")/../.."

rounds=${1:-7}
events=${2:-300000}
build=build/bench
cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF > /dev/null
cmake --build "$build" --target eventure amalgamation --parallel > /dev/null
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/eventure"
echo '#include "../eventure.h"' > "$work/eventure/eventure.h"
cp "$build/amalgamation/eventure.c" "$build/amalgamation/eventure.h" "$work"
begin=$(date +%s%N)
CCACHE_DISABLE=1 cc -O2 -c "$work/eventure.c" -o "$work/eventure.o"
end=$(date +%s%N)
echo "compiling eventure.c with -O2: $(((end - begin) / 1000000)) ms"
cc -O2 -I"$work" tools/bench/amalgamation.c "$work/eventure.o" -lsqlite3 -lmd -lpthread -lm -o "$work/one-file"
cc -O2 -Iinclude -I"$build/include" tools/bench/amalgamation.c -L"$build" -leventure \
    -Wl,-rpath,"$PWD/$build" -o "$work/library"
for _ in $(seq "$rounds")
do
    for program in one-file library
    do
        rm -f "$work"/store.db*
        "$work/$program" "$work/store.db" "$events" >> "$work/$program.times"
    done
done
for part in 1 2
do
    for program in one-file library
    do
        cut -d' ' -f$part "$work/$program.times" | sort -n | sed -n "$(((rounds + 1) / 2))p" > "$work/$program.median"
    done
    name=$([ $part = 1 ] && echo append || echo read)
    echo "$name: amalgamation $(cat "$work/one-file.median") s, library $(cat "$work/library.median") s, ratio" \
        "$(awk 'NR == 1 { a = $1 } NR == 2 { printf "%.3f", a / $1 }' "$work/one-file.median" "$work/library.median")"
done
