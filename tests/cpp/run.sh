#!/bin/sh
# Compiles the tests of eventure.hpp with each C++ compiler of the machine, as C++17 and C++20, with exceptions and
# without them, and runs them. Without exceptions means EVENTURE_NO_EXCEPTIONS for C++17, and the option of the compiler
# for C++20.
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
    # shellcheck disable=SC2086  # several flags
    {
        run_test exceptions "$compiler" -std=c++17 $flags
        run_test results "$compiler" -std=c++17 -DEVENTURE_NO_EXCEPTIONS $flags
        run_test exceptions "$compiler" -std=c++20 $flags
        run_test results "$compiler" -std=c++20 -fno-exceptions -fno-rtti $flags
    }
    ran=$((ran + 1))
done
[ "$ran" -gt 0 ]
