#!/bin/sh
# Lints every man page: man_pages.sh MANDOC DIRECTORY...
# A page that only includes another page (.so) is not checked; the other page is.
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
        if head -n 1 "$page" | grep -q '^\.so '; then
            continue
        fi
        count=$((count + 1))
        case $page in
        *.3) level=warning ;;
        *) level=error ;;
        esac
        "$mandoc" -T lint -W "$level" "$page" || bad=$((bad + 1))
    done
done
echo "$count man pages, $bad with errors"
[ "$count" -gt 0 ] && [ "$bad" -eq 0 ]
