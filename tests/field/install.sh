#!/bin/sh
# Installs a build into a separate prefix, in which the cases find the command line and the library.
#
#   install.sh BUILD PREFIX
set -eu
rm -rf "$2"
"${CMAKE_COMMAND:-cmake}" --install "$1" --prefix "$2"
