#!/bin/sh
# Lints every man page: man_pages.sh MANDOC DIRECTORY...
set -eu
mandoc=$1
shift
count=0
bad=0
for directory in "$@"
do
    for page in "$directory"/*.[1-9]
    do
        [ -e "$page" ] || continue
        count=$((count + 1))
        "$mandoc" -T lint -W error "$page" || bad=$((bad + 1))
    done
done
echo "$count man pages, $bad with errors"
[ "$count" -gt 0 ] && [ "$bad" -eq 0 ]
