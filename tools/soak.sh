#!/bin/sh
# The long tests, for an idle machine: fuzzers, crash loops, valgrind, the thread sanitizer, the static analyzer,
# coverage, mutations.
#
#   tools/soak.sh [SECONDS]
#
# SECONDS is how long each fuzzer runs, and the mutations (default 600). The tests in tests/fuzz and tests/crash that
# have a longer form run it for EVENTURE_SOAK_SECONDS. Ends with 1 when anything failed.
set -eu
cd "$(dirname "$0")/.."

EVENTURE_SOAK_SECONDS=${1:-600}
case $EVENTURE_SOAK_SECONDS in
'' | *[!0-9]*)
    echo "soak.sh: '$EVENTURE_SOAK_SECONDS' is not a number of seconds" >&2
    exit 2
    ;;
esac
export EVENTURE_SOAK_SECONDS
CTEST_PARALLEL_LEVEL=$(getconf _NPROCESSORS_ONLN 2> /dev/null || echo 2)
export CTEST_PARALLEL_LEVEL
failed=0

run()
{
    echo "== $*"
    "$@" || failed=$((failed + 1))
}

tools/install-deps.sh --soak < /dev/null
run cmake --workflow --preset release
run cmake --preset dev -DEVENTURE_VALGRIND=ON
run cmake --build --preset dev
run ctest --test-dir build/dev --output-on-failure -L valgrind
run cmake --workflow --preset asan
run tools/tidy.sh build/asan
run cmake --workflow --preset tsan
# Measures the coverage of the unit and fault tests: fails below the bounds of docs/coverage.md.
run cmake --workflow --preset coverage

# A million events: the state at each of 200 ticks equals the result of the fold, and takes at most a twentieth of its
# time.
run sh -c 'cd build/release/tests/replay && ./time_travel 1000000 200 20'

# The shipper, the server and connections are killed 300 times.
if [ -x build/release/tools/eventure/eventure ]; then
    run env "EVENTURE=$PWD/build/release/tools/eventure/eventure" python3 -B tests/postgres/kill_ship.py 300
fi

# Runs each fuzzer from its corpus. Its findings stay in build/fuzz/findings/<fuzzer>/.
if [ -e tests/fuzz/CMakeLists.txt ]; then
    run cmake --preset fuzz
    run cmake --build --preset fuzz
    for fuzzer in build/fuzz/tests/fuzz/fuzz_*
    do
        if [ -d "$fuzzer" ] || [ ! -x "$fuzzer" ]; then
            continue
        fi
        name=$(basename "$fuzzer")
        mkdir -p "build/fuzz/findings/$name" "build/fuzz/corpus/$name"
        run "$fuzzer" "-max_total_time=$EVENTURE_SOAK_SECONDS" "-artifact_prefix=build/fuzz/findings/$name/" \
            "build/fuzz/corpus/$name" "tests/fuzz/corpus/${name#fuzz_}"
    done
fi

# Measures how many of a sample of small errors in the library the tests notice. The sample changes every day. The
# result is only reported.
run tools/mutation.py --count 1000 --seconds "$EVENTURE_SOAK_SECONDS" --seed "$(date +%Y%m%d)"

tests/crash/table.sh build/release
echo "$failed failed"
[ "$failed" -eq 0 ]
