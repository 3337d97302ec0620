#!/bin/sh
# Checks the spelling of all files that git tracks, except data and texts of other authors: codespell.sh CODESPELL ROOT
set -eu
codespell=$1
cd "$2"

# Not misspelled: macros of mdoc (Fo, Nd), a function of SQL (iif), names and wrong texts of tests. `upto` is a column
# of the store's table of indexes; tests/style/check.py finds the word in prose.
words=fo,nd,iif,als,datas,nin,nulll,tabel,upto,nmae,verfiy,eyt,oll
git ls-files -z -- . ':!tests/conformance/cases' ':!tests/cli/cases' ':!tests/golden' ':!tests/fuzz/corpus' \
    ':!tests/data' ':!examples/data' ':!LICENSE' |
    xargs -0 "$codespell" --ignore-words-list "$words" --quiet-level 2
echo "codespell: no findings"
