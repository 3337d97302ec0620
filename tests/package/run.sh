#!/bin/sh
# Installs a build into a scratch prefix and uses it as its users do: the four programs of examples/consumer (C and C++,
# shared and static) through the CMake package and through pkg-config, the command line, and the extension in stock
# sqlite3. Then moves the prefix elsewhere and does it all again, since nothing in it may depend on where it was.
# For systems with ELF binaries.
#
#   run.sh SOURCE BUILD SCRATCH
set -eu

source=$1
build=$2
scratch=$3
cmake=${CMAKE_COMMAND:-cmake}
version=${EVENTURE_VERSION:-$(sed -n 's/^ *VERSION \([0-9.]*\)$/\1/p' "$source/CMakeLists.txt" | head -n 1)}

fail()
{
    echo "FAILED: $*" >&2
    exit 1
}

# Whether a program links the shared library, according to this system.
links_shared()
{
    if command -v readelf > /dev/null 2>&1; then
        readelf -d "$1" | grep -q 'NEEDED.*libeventure\.'
    else
        otool -L "$1" | grep -q 'libeventure\.'
    fi
}

# Runs the four programs in a directory.
run_programs()
{
    directory=$1
    way=$2
    for program in c-shared c-static cpp-shared cpp-static
    do
        rm -f "$scratch/consumer.db"*
        "$directory/$program" "$scratch/consumer.db" > "$scratch/output" || fail "$way: $program ended with $?"
        diff -u "$scratch/expected" "$scratch/output" || fail "$way: $program printed something else"
        case $program in
        *-shared) links_shared "$directory/$program" || fail "$way: $program does not link libeventure.so" ;;
        *-static) links_shared "$directory/$program" && fail "$way: $program links libeventure.so" ;;
        esac
        [ "$(sqlite3 "$scratch/consumer.db" 'SELECT count(*) FROM events')" = 2 ] || fail "$way: $program wrote no events"
        echo "ok: $way: $program"
    done
}

# Builds and runs everything against one prefix.
use_prefix()
{
    prefix=$1
    label=$2
    libdir=$(dirname "$(find "$prefix" -name 'libeventure.a')")

    "$cmake" -S "$scratch/consumer" -B "$scratch/build-$label-cmake" "-DCMAKE_PREFIX_PATH=$prefix" \
        > "$scratch/log" 2>&1 || { cat "$scratch/log"; fail "$label: find_package"; }
    "$cmake" --build "$scratch/build-$label-cmake" > "$scratch/log" 2>&1 || { cat "$scratch/log"; fail "$label: CMake"; }
    run_programs "$scratch/build-$label-cmake" "$label, find_package"

    mkdir "$scratch/build-$label-make"
    PKG_CONFIG_PATH=$libdir/pkgconfig make -C "$scratch/consumer" "BUILD=$scratch/build-$label-make" \
        > "$scratch/log" 2>&1 || { cat "$scratch/log"; fail "$label: pkg-config"; }
    run_programs "$scratch/build-$label-make" "$label, pkg-config"

    rm -f "$scratch/tool.db"*
    "$prefix/bin/eventure" append "$scratch/tool.db" a.b '{"x": 1}' > "$scratch/output"
    [ "$("$prefix/bin/eventure" log --ids "$scratch/tool.db")" = "$(cat "$scratch/output")" ] ||
        fail "$label: the command line does not work"
    echo "ok: $label, the command line"

    # The build makes a companion when it finds its library. The program itself must not need that library.
    if readelf -d "$prefix/bin/eventure" | grep 'NEEDED.*lib\(pq\|microhttpd\)\.'; then
        fail "$label: eventure loads a library that only a companion needs"
    fi
    for command in serve ship fetch
    do
        case $command in
        serve) companion=eventure-serve ;;
        *) companion=eventure-postgres ;;
        esac
        [ -x "$build/tools/eventure/$companion" ] || continue
        "$prefix/bin/eventure" "$command" --help | grep -q "eventure-$command - " ||
            fail "$label: eventure $command does not find $companion"
        echo "ok: $label, eventure $command"
    done

    answer=$(sqlite3 "$scratch/tool.db" ".load $libdir/eventure/eventure.so" \
        "SELECT event_matches(type, 'a.*') || event_id_tick(id) FROM events")
    [ "$answer" = 10 ] || fail "$label: the extension in stock sqlite3 answers '$answer'"
    echo "ok: $label, the extension"
}

# Each function that the library exports, each function of a header, and each header has a man page; a function's page
# leads to the page of its header, which has a section for it.
check_man_pages()
{
    pages=$1/share/man/man3
    count=0
    functions=$(
        nm -D --defined-only "$2" | awk '{print $3}'
        sed -n 's/^static inline .*[ *]\(eventure_[a-z0-9_]*\)(.*/\1/p' "$1"/include/eventure/*.h
    )
    for function in $functions
    do
        [ -f "$pages/$function.3" ] || fail "$function has no man page"
        page=$(sed -n 's/^\.so man3\/\(.*\)$/\1/p' "$pages/$function.3")
        if [ -z "$page" ] || [ ! -f "$pages/$page" ]; then
            fail "the man page of $function leads nowhere"
        fi
        grep -qx "\.Ss $function" "$pages/$page" || fail "$page does not describe $function"
        count=$((count + 1))
    done
    [ "$count" -gt 0 ] || fail "the library exports no function"
    for header in "$1"/include/eventure/*.h
    do
        name=$(basename "$header")
        [ "$name" = eventure.h ] || [ -f "$pages/eventure_$name.3" ] || fail "eventure/$name has no man page"
    done
    # Reads a page with man, if it is installed.
    if command -v man > /dev/null 2>&1; then
        for name in $(printf '%s\n' "$functions" | sed -n '1p;$p') eventure
        do
            MANPATH=$1/share/man MANWIDTH=80 man 3 "$name" > "$scratch/page" 2> "$scratch/log" ||
                { cat "$scratch/log"; fail "man 3 $name"; }
            grep -q "$name" "$scratch/page" || fail "man 3 $name shows another page"
        done
    fi
    echo "ok: man pages of $count functions"
}

# Checks the names and places of the installed files.
check_tree()
{
    prefix=$1
    libdir=$(dirname "$(find "$prefix" -name 'libeventure.a')")
    for file in include/eventure/eventure.h include/eventure/eventure.hpp include/eventure/version.h share/man/man1/eventure.1 \
        share/man/man1/eventure-log.1 share/man/man3/eventure.3 share/man/man5/eventure.5 bin/eventure \
        share/doc/eventure/README.md share/doc/eventure/docs/format.md share/doc/eventure/docs/extension.md
    do
        [ -f "$prefix/$file" ] || fail "$file is not installed"
    done
    for file in libeventure.so "libeventure.so.${version%.*}" "libeventure.so.$version" eventure/eventure.so
    do
        [ -e "$libdir/$file" ] || fail "$file is not installed"
    done
    readelf -d "$libdir/libeventure.so" | grep -q "SONAME.*libeventure\.so\.${version%.*}\]" || fail "the SONAME is wrong"
    # Hidden visibility: the library exports exactly the functions that the headers declare.
    unexpected=$(nm -D --defined-only "$libdir/libeventure.so" | awk '{print $3}' | grep -v '^eventure_[a-z]' || true)
    [ -z "$unexpected" ] || fail "the shared library shows $unexpected"
    internal=$(nm -D --defined-only "$libdir/libeventure.so" | awk '{print $3}' | grep '^eventure__' || true)
    [ -z "$internal" ] || fail "the shared library shows $internal"
    # Links into the headers and the tests lead to the sources only.
    grep -o '](\([^):#]*\))' "$prefix/share/doc/eventure/README.md" | sed 's/^](//;s/)$//' |
        grep -v '^include/\|^tests/' > "$scratch/links" || fail "the installed README has no links"
    while read -r link
    do
        [ -e "$prefix/share/doc/eventure/$link" ] || fail "a link of the installed README leads nowhere: $link"
    done < "$scratch/links"
    check_man_pages "$prefix" "$libdir/libeventure.so"
    if grep -rl "$source\|$build\|$prefix" "$prefix/include" "$libdir/pkgconfig" "$libdir/cmake"; then
        fail "an absolute path was installed"
    fi
    echo "ok: the installed tree"
}

rm -rf "$scratch"
mkdir -p "$scratch"
# A copy, because the examples must not need the source tree.
cp -R "$source/examples/consumer" "$scratch/consumer"
cat > "$scratch/expected" << EXPECTED
0-ECDC-1 enemy.defeated {"enemy":"dragon","round":3}
0-EDDA-1 treasure.drop {"item":"gold"}
eventure $version
EXPECTED

"$cmake" --install "$build" --prefix "$scratch/prefix" > "$scratch/log" 2>&1 || { cat "$scratch/log"; fail install; }
check_tree "$scratch/prefix"
use_prefix "$scratch/prefix" installed
mkdir "$scratch/elsewhere"
mv "$scratch/prefix" "$scratch/elsewhere/prefix"
use_prefix "$scratch/elsewhere/prefix" moved
rm -rf "$scratch"
echo "package: all programs work"
