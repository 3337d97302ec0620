#!/bin/sh
# Spreads the partitions of the schema `eventure` over several PostgreSQL servers:
#
#     foreign.sh [--partitions N] MAIN SERVER...
#
# MAIN and each SERVER are connection strings of libpq, `host=… port=… dbname=… user=…`, for a superuser of MAIN, and for
# the role of each SERVER that owns the partitions there. The partition I is on MAIN when I modulo the number of all
# servers is 0, else on the SERVER with this number. N is four for each server, or what the schema on MAIN has already;
# the partitions there that move to another server must be empty, so do this before anything is shipped.
#
# MAIN connects to each SERVER with the host, port, database and role of its connection string, for all roles that may
# use the tables of MAIN. A password for this belongs into the file ~/.pgpass of the operating system's user that runs
# MAIN; the mapping has `password_required 'false'`, so that this file, or a certificate, is used.
#
# Runs with the *.sql files beside it. It makes the schema on MAIN when there is none; roles.sql can follow.
set -eu

usage() {
    echo "usage: foreign.sh [--partitions N] MAIN SERVER..." >&2
    exit 2
}

here=$(cd "$(dirname "$0")" && pwd)
partitions=
if [ "${1-}" = --partitions ]; then
    [ $# -ge 2 ] || usage
    partitions=$2
    shift 2
fi
case $partitions in
    *[!0-9]* | 0*) usage ;;
esac
[ $# -ge 2 ] || usage
main=$1
shift
servers=$(($# + 1))
partitions=${partitions:-$((4 * servers))}

# Runs a script from standard input on a server, in one transaction.
on() {
    psql -XqAt -v ON_ERROR_STOP=1 -1 -d "$1" -f -
}

# Prints the value of a keyword of a connection string.
setting() {
    for pair in $1; do
        case $pair in
            "$2="*) echo "${pair#*=}" ;;
        esac
    done
}

# Prints an option of a foreign server or of a user mapping, when the connection string has it.
option() {
    value=$(setting "$1" "$2")
    [ -z "$value" ] || printf "%s '%s', " "$2" "$(printf %s "$value" | sed "s/'/''/g")"
}

for server; do
    case $server in
        *password=*) echo "foreign.sh: a password on the command line can be read by other users: use ~/.pgpass" >&2; exit 2 ;;
        *dbname=*user=* | *user=*dbname=*) ;;
        *) echo "foreign.sh: '$server' has no dbname=… or no user=…" >&2; exit 2 ;;
    esac
done

if [ "$(echo "SELECT to_regnamespace('eventure') IS NULL" | on "$main")" = t ]; then
    { sed "s/:partitions/$partitions/g" "$here/schema.sql"; cat "$here/shipping.sql" "$here/questions.sql"; } | on "$main"
fi
partitions=$(echo "SELECT count(*) FROM pg_inherits WHERE inhparent = 'eventure.event'::regclass" | on "$main")

# The tables on a server are made by the same script as those on MAIN, so that they have the same columns and indexes.
# The comment of the schema keeps `eventure ship` from using it as a complete one.
number=0
for server; do
    number=$((number + 1))
    {
        sed "s/:partitions/$partitions/g" "$here/schema.sql"
        cat <<SCRIPT
DO \$\$
BEGIN
    FOR i IN 0 .. $partitions - 1 LOOP
        IF i % $servers = $number THEN
            EXECUTE format('ALTER TABLE eventure.event DETACH PARTITION eventure.event_%s', i);
            EXECUTE format('ALTER TABLE eventure.tick DETACH PARTITION eventure.tick_%s', i);
        END IF;
    END LOOP;
END \$\$;
DROP TABLE eventure.event, eventure.tick, eventure.part, eventure.run CASCADE;
COMMENT ON SCHEMA eventure IS 'partitions of another server';
SCRIPT
    } | on "$server" 2>/dev/null || {
        echo "foreign.sh: the partitions on server $number could not be made: it has a schema eventure already, or '$server'" \
            "cannot be reached" >&2
        exit 3
    }
done

# fetch_size: the rows of one message. async_capable: a query on all runs waits for all servers at the same time.
# use_remote_estimate is true for event: otherwise PostgreSQL does not consider index look-ups for the events of a fork.
# Each plan then queries the servers, so that planning is faster with fewer partitions. It is false for tick, which
# shipping reads often. fdw_startup_cost: with the default of 100 for each partition, PostgreSQL compiles (jit) even
# small questions. batch_size is used by COPY from PostgreSQL 16 on.
number=0
{
    echo "CREATE EXTENSION IF NOT EXISTS postgres_fdw;"
    for server; do
        number=$((number + 1))
        cat <<SCRIPT
CREATE SERVER eventure_$number FOREIGN DATA WRAPPER postgres_fdw OPTIONS (
    $(option "$server" host) $(option "$server" port) $(option "$server" dbname)
    fetch_size '1000', batch_size '1000', async_capable 'true', use_remote_estimate 'false',
    fdw_startup_cost '1');
CREATE USER MAPPING FOR PUBLIC SERVER eventure_$number OPTIONS ($(option "$server" user) password_required 'false');
SCRIPT
    done
    cat <<SCRIPT
DO \$\$
DECLARE
    kind text;
    used boolean;
BEGIN
    FOR i IN 0 .. $partitions - 1 LOOP
        CONTINUE WHEN i % $servers = 0;
        FOREACH kind IN ARRAY ARRAY['event', 'tick'] LOOP
            EXECUTE format('SELECT EXISTS (SELECT FROM eventure.%s_%s)', kind, i) INTO used;
            IF used THEN
                RAISE 'the partition %_% has rows already', kind, i;
            END IF;
            EXECUTE format('DROP TABLE eventure.%s_%s', kind, i);
            EXECUTE format('CREATE FOREIGN TABLE eventure.%1\$s_%2\$s PARTITION OF eventure.%1\$s '
                           'FOR VALUES WITH (MODULUS $partitions, REMAINDER %2\$s) SERVER eventure_%3\$s '
                           'OPTIONS (schema_name ''eventure'', table_name ''%1\$s_%2\$s'', use_remote_estimate ''%4\$s'')',
                           kind, i, i % $servers, (kind = 'event')::text);
        END LOOP;
    END LOOP;
END \$\$;
SCRIPT
} | on "$main"
