#!/bin/sh
# Runs clang-tidy on all sources below src/, tools/ and examples/ that a build compiles.
#
#   tools/tidy.sh BUILD [OPTION...]
#
# BUILD is a build directory, whose compile_commands.json names the sources. The options are those of clang-tidy. Prints
# the findings, and ends with 1 when there are any.
set -eu
cd "$(dirname "$0")/.."

build=${1:?tidy.sh: name a build directory}
shift
files=$(mktemp)
output=$(mktemp)
trap 'rm -f "$files" "$output"' EXIT

python3 - "$build/compile_commands.json" > "$files" << 'PYTHON'
import json, pathlib, sys
root = pathlib.Path.cwd()
for file in sorted({pathlib.Path(entry["file"]) for entry in json.load(open(sys.argv[1]))}):
    if file.is_relative_to(root) and file.relative_to(root).parts[0] in ("src", "tools", "examples"):
        print(file.relative_to(root), end="\0")
PYTHON

jobs=$(getconf _NPROCESSORS_ONLN 2> /dev/null || echo 2)
result=0
xargs -0 -n 4 -P "$jobs" clang-tidy -p "$build" --quiet "$@" < "$files" > "$output" 2>&1 || result=1
grep -vE '^[0-9]+ warnings? generated' "$output" || true
exit "$result"
