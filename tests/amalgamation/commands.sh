#!/bin/sh
# Compiles the consumer's programs together with the amalgamation, as its users do, and runs them.
#
#   commands.sh SOURCE AMALGAMATION SCRATCH
set -eu

source=$1
amalgamation=$2
scratch=$3
rm -rf "$scratch"
mkdir -p "$scratch/eventure"
cd "$scratch"
cp "$amalgamation/eventure.c" "$amalgamation/eventure.h" "$amalgamation/eventure.hpp" .
sed 's|<eventure/eventure.h>|"eventure.h"|' "$source/examples/consumer/main.c" > game.c
sed 's|<eventure/eventure.hpp>|"eventure.hpp"|' "$source/examples/consumer/main.cpp" > game.cpp

for compiler in cc clang
do
    command -v $compiler > /dev/null 2>&1 || continue
    $compiler -std=c11 -Wall -Wextra -Werror -c eventure.c -o eventure.o
    $compiler -Wall -Wextra -Werror game.c eventure.o -lsqlite3 -lmd -lpthread -lm -o game
    rm -f consumer.db*
    ./game > output.c
    grep -q '"gold"' output.c
done
for compiler in c++ clang++
do
    command -v $compiler > /dev/null 2>&1 || continue
    $compiler -std=c++17 -Wall -Wextra -Werror game.cpp eventure.o -lsqlite3 -lmd -lpthread -lm -o game
    rm -f consumer.db*
    ./game > output.cpp
    cmp output.c output.cpp
done
echo "the consumer's programs run with the amalgamation"
