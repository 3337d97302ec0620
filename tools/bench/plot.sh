#!/bin/sh
# Draws the columns that eventure_bench writes: plot.sh COLUMNS DIRECTORY
set -eu
columns=$1
out=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# lines NAME TITLE UNIT COLUMN MEASURE WHO [MEASURE WHO]...: a curve over n for each pair, into NAME.svg
lines()
{
    name=$1 title=$2 unit=$3 column=$4
    shift 4
    curves=''
    i=0
    while [ $# -gt 0 ]
    do
        i=$((i + 1))
        awk -F '\t' -v measure="$1" -v who="$2" -v column="$column" \
            '$1 == measure && $2 == who && $column > 0 { print $3, $column }' "$columns" | sort -n > "$scratch/$name.$i"
        if [ -s "$scratch/$name.$i" ]; then
            label=$2
            case $name in reads | stream | memory) label="$1, $2" ;; esac
            curves="$curves${curves:+, }'$scratch/$name.$i' using 1:2 with linespoints linewidth 2 title '$label'"
        fi
        shift 2
    done
    [ -n "$curves" ] || return 0
    gnuplot << END
set terminal svg size 720,420 dynamic background rgb 'white'
set output '$out/$name.svg'
set title '$title'
set xlabel 'events in the store'
set ylabel '$unit'
set logscale x
set format x '10^{%L}'
set yrange [0:*]
set key outside right
set grid ytics
plot $curves
END
}

lines append-normal 'append, a commit a tick of 100 events, sync NORMAL' 'µs an event' 4 \
    append-normal library append-normal background append-normal 'by hand' append-normal 'by hand, tuned' \
    append-normal 'by hand, same indexes' append-normal floor
lines append-full 'append, a commit a tick of 100 events, sync FULL' 'µs an event' 4 \
    append-full library append-full background append-full 'by hand' append-full 'by hand, tuned' \
    append-full 'by hand, same indexes' append-full floor
lines append-cpu 'append, CPU time, sync NORMAL' 'µs an event' 7 \
    append-normal library append-normal background append-normal 'by hand' append-normal 'by hand, same indexes' \
    append-normal floor
lines bytes 'bytes on disk' 'bytes an event' 8 append-normal library append-normal 'by hand' \
    append-normal 'by hand, same indexes'
lines reads 'questions, CPU time' 'µs a question' 7 \
    by-id library by-id 'by hand' children library children 'by hand' at-tick library at-tick 'by hand' \
    of-type library of-type 'by hand'
lines stream 'whole histories, CPU time' 'µs an event' 7 \
    replay library replay 'by hand' state library state 'by hand' cascade library cascade 'by hand' text export text viewer \
    verify library import library
lines memory 'peak memory' 'MiB' 9 \
    append-normal library import library text export text viewer replay library verify library
