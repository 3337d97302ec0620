#!/bin/sh
# Finds the packages that are missing for building and testing Eventure, and installs them on Debian and Ubuntu.
#
#   tools/install-deps.sh [--check] [--build | --soak]
#
# --check   only lists what is missing; ends with 1 when something is missing
# --build   checks what a build without tests needs; default: everything that tools/test.sh needs
# --soak    also checks what tools/soak.sh needs
#
# On other systems it lists the missing packages, and ends with 1 when there are any.
set -eu

check_only=false
level='test'
for argument in "$@"
do
    case $argument in
    --check) check_only=true ;;
    --build) level=build ;;
    --soak) level=soak ;;
    -h | --help)
        sed -n '2,/^set -eu/{/^set -eu/d;s/^# \{0,1\}//;p;}' "$0"
        exit 0
        ;;
    *)
        echo "install-deps.sh: unknown argument '$argument' (try --help)" >&2
        exit 2
        ;;
    esac
done

# The requirements: level, how to detect it, and its package in apt, dnf, pacman, brew, apk ('-': part of the system, or
# not packaged there).
table='
build cmd:cc               gcc             gcc                 base-devel  -               build-base
build cmd:cmake            cmake           cmake               cmake       cmake           cmake
build cmd:ninja            ninja-build     ninja-build         ninja       ninja           ninja-build
build cmd:pkg-config       pkg-config      pkgconf-pkg-config  pkgconf     pkgconf         pkgconf
build pc:sqlite3           libsqlite3-dev  sqlite-devel        sqlite      sqlite          sqlite-dev
build pc:libcjson          libcjson-dev    cjson-devel         cjson       cjson           cjson-dev
build pc:libmd             libmd-dev       libmd-devel         libmd       libmd           libmd-dev
build pc:libmicrohttpd     libmicrohttpd-dev libmicrohttpd-devel libmicrohttpd libmicrohttpd libmicrohttpd-dev
build pc:libpq             libpq-dev       libpq-devel         postgresql-libs libpq    libpq-dev
build cmd:sqlite3          sqlite3         sqlite              sqlite      sqlite          sqlite
test  cmd:git              git             git                 git         git             git
test  cmd:make             make            make                base-devel  -               build-base
test  cmd:c++              g++             gcc-c++             base-devel  -               build-base
test  pc:check             check           check-devel         check       check           check-dev
test  cmd:clang            clang           clang               clang       llvm            clang
test  cmd:clang-format     clang-format    clang-tools-extra   clang       clang-format    clang-extra-tools
test  cmd:clang-tidy       clang-tidy      clang-tools-extra   clang       llvm            clang-extra-tools
test  sanitizer:clang      libclang-rt-dev compiler-rt         compiler-rt -               compiler-rt
test  cmd:python3          python3         python3             python      python          python3
test  cmd:doxygen          doxygen         doxygen             doxygen     doxygen         doxygen
test  cmd:mandoc           mandoc          mandoc              mandoc      mandoc          mandoc
test  cmd:codespell        codespell       codespell           codespell   codespell       codespell
test  cmd:shellcheck       shellcheck      ShellCheck          shellcheck  shellcheck      shellcheck
test  cmd:valgrind         valgrind        valgrind            valgrind    -               valgrind
test  debian:libc6-dbg     libc6-dbg       -                   -           -               -
test  cmd:dot              graphviz        graphviz            graphviz    graphviz        graphviz
test  debian:python3-jsonschema python3-jsonschema python3-jsonschema python-jsonschema - py3-jsonschema
test  debian:python3-dev        python3-dev        python3-devel      -          -          python3-dev
test  debian:python3-setuptools python3-setuptools python3-setuptools python-setuptools - py3-setuptools
test  debian:python3-pip          python3-pip        python3-pip        python-pip         - py3-pip
test  debian:python3-wheel      python3-wheel      python3-wheel      python-wheel      - py3-wheel
test  debian:python3-numpy      python3-numpy      python3-numpy      python-numpy      - py3-numpy
test  debian:python3-pandas     python3-pandas     python3-pandas     python-pandas     - py3-pandas
test  cmd:mypy             mypy            python3-mypy        mypy        mypy            py3-mypy
test  debian:postgresql   postgresql      postgresql-server   postgresql  postgresql@15 postgresql15
test  cmd:tmux             tmux            tmux                tmux        tmux            tmux
test  cmd:xz               xz-utils        xz                  xz          xz              xz
test  cmd:chromium         chromium        chromium            chromium    -               chromium
test  cmd:chromedriver     chromium-driver chromedriver        chromium    -               chromium-chromedriver
test  debian:python3-selenium python3-selenium python3-selenium python-selenium -           py3-selenium
soak  cmd:gcovr            gcovr           gcovr               gcovr       gcovr           gcovr
'

# Whether the level of a row is one of the requested levels.
wanted()
{
    case $level in
    build) [ "$1" = build ] ;;
    test) [ "$1" != soak ] ;;
    esac
}

# Whether one requirement is installed.
present()
{
    case $1 in
    cmd:*) command -v "${1#cmd:}" > /dev/null 2>&1 ;;
    pc:*) command -v pkg-config > /dev/null 2>&1 && pkg-config --exists "${1#pc:}" ;;
    debian:*) ! command -v dpkg > /dev/null 2>&1 || dpkg -s "${1#debian:}" > /dev/null 2>&1 ;;
    sanitizer:*) sanitizer_links "${1#sanitizer:}" ;;
    *) return 1 ;;
    esac
}

# Whether a compiler has the sanitizers' run-time libraries.
sanitizer_links()
{
    command -v "$1" > /dev/null 2>&1 || return 1
    scratch=$(mktemp -d)
    echo 'int main(void) { return 0; }' > "$scratch/main.c"
    links=0
    "$1" -fsanitize=address,undefined "$scratch/main.c" -o "$scratch/main" > "$scratch/output" 2>&1 || links=1
    rm -r "$scratch"
    return "$links"
}

if command -v apt-get > /dev/null 2>&1; then
    manager=apt column=3
elif command -v dnf > /dev/null 2>&1; then
    manager=dnf column=4
elif command -v pacman > /dev/null 2>&1; then
    manager=pacman column=5
elif command -v brew > /dev/null 2>&1; then
    manager=brew column=6
elif command -v apk > /dev/null 2>&1; then
    manager=apk column=7
else
    manager=unknown column=3
fi

missing=
packages=
while read -r row_level probe rest
do
    [ -n "$row_level" ] || continue
    wanted "$row_level" || continue
    if ! present "$probe"; then
        missing="$missing ${probe#*:}"
        # shellcheck disable=SC2086  # the columns are words
        set -- $row_level $probe $rest
        shift $((column - 1))
        [ "$1" = - ] || packages="$packages $1"
    fi
done << TABLE
$table
TABLE

if [ -z "$missing" ]; then
    echo "install-deps.sh: everything is there"
    exit 0
fi
packages=$(printf '%s\n' "$packages" | tr ' ' '\n' | sed '/^$/d' | sort -u | tr '\n' ' ' | sed 's/ $//')
echo "install-deps.sh: missing:$missing"

case $manager in
apt) install="apt-get install $packages" ;;
dnf) install="dnf install $packages" ;;
pacman) install="pacman -S --needed $packages" ;;
brew) install="brew install $packages" ;;
apk) install="apk add $packages" ;;
*) install= ;;
esac

if "$check_only" || [ "$manager" != apt ]; then
    if [ -n "$install" ]; then
        echo "install-deps.sh: install them with: $install"
    else
        echo "install-deps.sh: this system's packages are not known here; on Debian they are: $packages"
    fi
    exit 1
fi

as_root=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo > /dev/null 2>&1; then
        echo "install-deps.sh: not root, and there is no sudo; as root, run: $install" >&2
        exit 1
    fi
    as_root=sudo
fi
$as_root apt-get update -q < /dev/null
# shellcheck disable=SC2086  # one word a package
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $packages < /dev/null

# Checks that the installed packages are found: the build would fail later with a less exact message.
case $level in
build) exec "$0" --check --build ;;
soak) exec "$0" --check --soak ;;
esac
exec "$0" --check
