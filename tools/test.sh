#!/bin/sh
# Installs what is missing, and runs every test of Eventure.
#
#   tools/test.sh [--quick] [--no-install]
#
# --quick       the development build and its tests only
# --no-install  does not look for missing packages first
#
# Each line that it prints is a step; the output of the steps is in build/test-logs/. Ends with a line `N passed, M
# failed`, which counts each test of ctest, and each other check as one; and with 1 when anything failed.
set -eu
cd "$(dirname "$0")/.."

quick=false
install=true
for argument in "$@"
do
    case $argument in
    --quick) quick=true ;;
    --no-install) install=false ;;
    -h | --help)
        sed -n '2,/^set -eu/{/^set -eu/d;s/^# \{0,1\}//;p;}' "$0"
        exit 0
        ;;
    *)
        echo "test.sh: unknown argument '$argument' (try --help)" >&2
        exit 2
        ;;
    esac
done

if "$install"; then
    tools/install-deps.sh < /dev/null
fi

# Packages of npm that read exports. Without npm, or without its registry, those checks are skipped, with a note.
if "$install" && ! "$quick" && command -v npm > /dev/null 2>&1; then
    if npm install --silent --no-audit --no-fund --no-save --prefix build/npm mermaid@11 jsdom@29 cloudevents@10 \
        > /dev/null 2>&1 < /dev/null; then
        EVENTURE_NODE_MODULES=$PWD/build/npm/node_modules
        export EVENTURE_NODE_MODULES
    else
        echo "note    npm could not install the packages that read exports: their checks are skipped"
    fi
fi

jobs=$(getconf _NPROCESSORS_ONLN 2> /dev/null || echo 2)
logs=build/test-logs
rm -rf "$logs"
mkdir -p "$logs"
# A compiler cache makes a second run quick; it is used when it is installed.
if command -v ccache > /dev/null 2>&1; then
    export CMAKE_C_COMPILER_LAUNCHER=ccache
fi
# One more than processors: the longest tests wait for the disk.
export CTEST_PARALLEL_LEVEL="$((jobs + 1))"
export CMAKE_BUILD_PARALLEL_LEVEL="$jobs"

passed=0
failed=0

# step NAME COMMAND...: runs a check; shows its output only when it fails.
step()
{
    name=$1
    shift
    log=$logs/$(echo "$name" | tr ' /' '--').log
    began=$(date +%s)
    if "$@" > "$log" 2>&1 < /dev/null; then
        passed=$((passed + 1))
        echo "ok      $name ($(($(date +%s) - began)) s)"
        return 0
    fi
    failed=$((failed + 1))
    echo "FAILED  $name ($(($(date +%s) - began)) s)"
    tail -n 60 "$log" | sed 's/^/        /'
    return 1
}

# tests NAME ARGUMENTS...: runs ctest, and counts each of its tests.
tests()
{
    name=$1
    shift
    log=$logs/$(echo "$name" | tr ' /' '--').log
    began=$(date +%s)
    result=0
    ctest --no-tests=error --output-on-failure "$@" > "$log" 2>&1 < /dev/null || result=$?
    summary=$(sed -n 's/^[0-9]*% tests passed, \([0-9]*\) tests failed out of \([0-9]*\)$/\1 \2/p' "$log")
    bad=${summary% *}
    total=${summary#* }
    if [ -z "$summary" ]; then
        bad=1
        total=1
    elif [ "$result" -ne 0 ] && [ "$bad" -eq 0 ]; then
        bad=1
        total=$((total + 1))
    fi
    skipped=$(grep -c '\*\*\*Skipped' "$log" || true)
    passed=$((passed + total - bad - skipped))
    failed=$((failed + bad))
    note=
    [ "$skipped" -eq 0 ] || note=", $skipped skipped"
    if [ "$bad" -eq 0 ]; then
        echo "ok      $name: $total tests$note ($(($(date +%s) - began)) s)"
    else
        echo "FAILED  $name: $bad of $total tests$note ($(($(date +%s) - began)) s)"
        sed -n '/^The following tests FAILED/,$p' "$log" | sed 's/^/        /'
        grep -n -m 40 -E ':[EF]:|ERROR: |runtime error|Assert|error:|^FAIL|expected|actual|==[0-9]+==' "$log" |
            sed 's/^/        /' || true
    fi
    if [ "$skipped" -ne 0 ]; then
        sed -n 's/^.*Test *#[0-9]*: \([^ ]*\) .*\*\*\*Skipped.*$/        skipped: \1/p' "$log"
    fi
}

# build PRESET ARGUMENTS...: configures and builds everything; warnings are errors in every preset.
build()
{
    preset=$1
    shift
    cmake --preset "$preset" "$@" && cmake --build --preset "$preset"
}

# build_targets PRESET TARGET...: configures, and builds only these targets.
build_targets()
{
    preset=$1
    shift
    cmake --preset "$preset" && cmake --build --preset "$preset" --target "$@"
}

check_format()
{
    formatter=clang-format
    if command -v clang-format-14 > /dev/null 2>&1; then
        formatter=clang-format-14
    fi
    "$formatter" --version
    git ls-files -z '*.c' '*.h' '*.cpp' '*.hpp' | xargs -0 "$formatter" --dry-run --Werror
}

check_shell()
{
    git ls-files -z '*.sh' .ci/run | xargs -0 shellcheck
}

# Builds what the demo did not need, in its build, which has no tests: CMake must then not search for Check.
build_without_tests()
{
    cmake --build build/demo && ! grep -i '^CHECK_' build/demo/CMakeCache.txt
}

# Builds the Python package from a clone with pip, without network.
check_pip()
{
    rm -rf build/pip
    for python in python3 /usr/bin/python3
    do
        if "$python" -c 'import setuptools, wheel, pip' 2> /dev/null; then
            "$python" -m pip install --no-index --no-deps --no-build-isolation --target build/pip ./bindings/python &&
                (cd build/pip && "$python" -c 'import eventure; print(eventure.EventLog().add_event("a.b", {}))')
            return
        fi
    done
    echo "skipped: no Python here has pip, setuptools and wheel"
}

built=false
if step "gcc build" build dev -DEVENTURE_VALGRIND=ON; then
    built=true
    step "each header alone" cmake --build --preset dev --target all_verify_interface_header_sets || true
    tests "tests" --test-dir build/dev -LE valgrind
fi

# Not run under the sanitizers here, but by tools/soak.sh: tests that take long, because they repeat similar work or
# start many processes, and those whose work is done by other programs. The fuzzers have sanitizers of their own below.
# Of crash.*, crash.hostile is quick; of postgres.*, kill_ship.
long='^((bench|cpp|examples|fuzz|style|upgrade)\..*|crash\.[^h].*|conformance\.(cli|kept_part)|extension\.questions'
long="$long"'|cli\.(cases|completion|help|leftovers|paths|system|terminal)|export\.import|postgres\.[^k].*|serve\.page'
long="$long"'|unit\.test_(refused_statements|upgrade_faults))$'

if ! "$quick"; then
    if step "clang build with sanitizers" build asan; then
        # Without its static analyzer, which takes minutes: tools/soak.sh runs that.
        step "clang-tidy" tools/tidy.sh build/asan '--checks=-clang-analyzer-*' || true
        # In their short form and without a process for each test, which cost most of the time; the gcc build has both.
        ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1 \
            EVENTURE_TEST_SHORT=1 CK_FORK=no \
            tests "tests under address, undefined and leak sanitizers" --test-dir build/asan -E "$long"
    fi
    step "clang-format" check_format || true
    step "shellcheck" check_shell || true
    step "API reference" cmake --build --preset dev --target docs || true
    step "demo" env CFLAGS=-Werror CXXFLAGS=-Werror tools/demo.sh --no-install || true
    step "build without tests" build_without_tests || true
    step "pip" check_pip || true
    if step "thread sanitizer build" build_targets tsan crash_threads test_background; then
        TSAN_OPTIONS=halt_on_error=1 tests "threads under the thread sanitizer" --test-dir build/tsan \
            -R '^(crash[.]threads|unit[.]test_background)$'
    fi
    if step "fuzzer build" build_targets fuzz fuzzers; then
        tests "fuzzers, for a few seconds each" --test-dir build/fuzz -L fuzz
    fi
    if "$built"; then
        tests "unit tests under valgrind" --test-dir build/dev -L valgrind -LE long
    fi
fi

echo
tests/crash/table.sh build/dev || true
if ! "$quick"; then
    tests/crash/table.sh build/asan test-bounds || true
    tests/crash/table.sh build/tsan test-race || true
    tests/crash/table.sh build/fuzz || true
fi
echo
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
