#!/bin/sh
# Compiles the tests of eventure.hpp with each C++ compiler of the machine, as C++17 and C++20, with exceptions and
# without them, and runs them.
#
#   run.sh SOURCE BUILD SCRATCH [COMPILER [FLAGS]]
#
# With COMPILER, uses only this compiler with the flags, because the library is instrumented by it.
set -eu

source=$1
build=$2
scratch=$3
compilers=${4:-g++ clang++}
flags=${5:-}
rm -rf "$scratch"
mkdir -p "$scratch"
cd "$scratch"

# Compiles and runs one test.
run_test()
{
    name=$1
    shift
    echo "$* $name"
    "$@" -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror "-I$source/include" "-I$build/include" \
        "$source/tests/cpp/test_$name.cpp" -o test "-L$build" "-Wl,-rpath,$build" -leventure
    ./test
}

ran=0
for compiler in $compilers
do
    command -v "$compiler" > /dev/null 2>&1 || continue
    for standard in 17 20
    do
        # shellcheck disable=SC2086  # several flags
        {
            run_test exceptions "$compiler" "-std=c++$standard" $flags
            run_test results "$compiler" "-std=c++$standard" -DEVENTURE_NO_EXCEPTIONS $flags
            run_test results "$compiler" "-std=c++$standard" -fno-exceptions -fno-rtti $flags
        }
        ran=$((ran + 1))
    done
done
[ "$ran" -gt 0 ]
