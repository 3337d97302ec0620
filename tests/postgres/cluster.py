"""A PostgreSQL cluster for tests, in a temporary folder, with a unix socket as its only address; and functions that
copy stores to it with psql. EVENTURE names the program, EVENTURE_SOURCE the source tree, EVENTURE_PG_BIN the folder of
initdb."""

import contextlib
import csv
import io
import os
import pathlib
import pwd
import re
import shutil
import sqlite3
import subprocess
import tempfile

SOURCE = pathlib.Path(os.environ.get("EVENTURE_SOURCE", pathlib.Path(__file__).parents[2]))
SQL = SOURCE / "tools" / "postgres"
SCRIPTS = ("schema.sql", "shipping.sql", "questions.sql", "roles.sql")
NULL = "\\N"
# The server refuses to run as root: a user that owns no file is sufficient.
USER_WITHOUT_FILES = 65534
# The environment of psql.
ENVIRONMENT = {**os.environ, "PGCLIENTENCODING": "UTF8"}
# JSON that jsonb cannot contain.
NOT_JSONB = re.compile(r"\\u0000")


class SqlError(Exception):
    """A statement that the server refused, with its SQLSTATE."""

    def __init__(self, text):
        super().__init__(text)
        found = re.search(r"^(?:psql:.*?: )?(?:ERROR|FATAL): +(\w{5}):", text, re.M)
        self.state = found.group(1) if found else None


def server_programs():
    """Returns the folder of initdb, pg_ctl and psql, or None."""
    named = os.environ.get("EVENTURE_PG_BIN")
    if named:
        return pathlib.Path(named)
    folders = [path.parent for path in pathlib.Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")]
    folders.sort(key=lambda folder: int(re.match(r"\d+", folder.parent.name).group()))
    config = shutil.which("pg_config")
    if not folders and config:
        folder = subprocess.run([config, "--bindir"], check=True, capture_output=True, text=True).stdout.strip()
        folders = [pathlib.Path(folder)]
    return next((folder for folder in reversed(folders) if (folder / "initdb").exists()), None)


def ordinary_user():
    """Returns the options of subprocess for a process of an ordinary user."""
    if os.geteuid() != 0:
        return {}
    with contextlib.suppress(KeyError):
        entry = pwd.getpwnam("postgres")
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    return {"user": USER_WITHOUT_FILES, "group": USER_WITHOUT_FILES, "extra_groups": []}


class Cluster:
    """A running cluster: `with Cluster() as cluster`."""

    SETTINGS = {"listen_addresses": "''", "fsync": "off", "max_connections": "40", "shared_buffers": "64MB",
                "autovacuum": "off", "max_prepared_transactions": "0", "log_min_messages": "fatal"}

    def __init__(self):
        self.programs = server_programs()
        self.user = ordinary_user()
        self.folder = None
        self.databases = 0

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="eventure-pg-"))
        try:
            if self.user:
                os.chown(self.folder, self.user["user"], self.user["group"])
            self.run("initdb", "-D", self.folder / "data", "-U", "postgres", "-A", "trust", "--no-sync",
                     "--encoding=UTF8", "--locale=C")
            settings = "".join(f"{name} = {value}\n" for name, value in self.SETTINGS.items())
            with open(self.folder / "data" / "postgresql.conf", "a", encoding="utf-8") as out:
                out.write(settings + f"unix_socket_directories = '{self.folder}'\n")
            self.run("pg_ctl", "-D", self.folder / "data", "-l", self.folder / "log", "-w", "-t", "60", "start")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *unused):
        if (self.folder / "data" / "postmaster.pid").exists():
            self.run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, program, *arguments):
        """Runs a program of the server as an ordinary user. Its output goes to a file, because the server inherits it."""
        with tempfile.TemporaryFile() as output:
            done = subprocess.run([self.programs / program, *map(str, arguments)], stdin=subprocess.DEVNULL,
                                  stdout=output, stderr=output, check=False, cwd=self.folder, **self.user)
            output.seek(0)
            if done.returncode != 0:
                raise RuntimeError(f"{program} ended with {done.returncode}: {output.read().decode(errors='replace')}")

    def new_database(self):
        """Creates an empty database. Returns its name."""
        self.databases += 1
        name = f"test_{self.databases}"
        Database(self, "postgres").execute(f"CREATE DATABASE {name}")
        return Database(self, name)


class Database:
    """A connection to a database of a cluster, with a role."""

    def __init__(self, cluster, name, role="postgres"):
        self.cluster = cluster
        self.name = name
        self.role = role

    def as_role(self, role):
        return Database(self.cluster, self.name, role)

    def connection(self):
        """The connection as a string of libpq."""
        return f"host={self.cluster.folder} dbname={self.name} user={self.role}"

    def command(self):
        """The command line of psql, which ends at the first error."""
        return [self.cluster.programs / "psql", "-XqtA", "--csv", "-P", f"null={NULL}", "-v", "ON_ERROR_STOP=1",
                "-v", "VERBOSITY=verbose", "-d", self.connection()]

    def execute(self, script, *, one_transaction=False):
        """Runs a script, and returns its output as CSV. Raises SqlError at the first error."""
        done = subprocess.run([*self.command(), *(["-1"] if one_transaction else []), "-f", "-"], input=script.encode(),
                              capture_output=True, check=False, env=ENVIRONMENT)
        if done.returncode != 0:
            raise SqlError(done.stderr.decode())
        return done.stdout.decode()

    def rows(self, query):
        """The rows of a query, as lists of texts; NULL is None."""
        return rows_of(self.execute(query))

    def column(self, query):
        return [row[0] for row in self.rows(query)]

    def session(self):
        return Session(self)

    def make_schema(self, partitions=8):
        """Creates the schema eventure, with its functions and roles."""
        script = "".join((SQL / name).read_text(encoding="utf-8") for name in SCRIPTS)
        self.execute(script.replace(":partitions", str(partitions)), one_transaction=True)

    def ship(self, store, origin=None, after_tick=None, until_tick=None, is_open=False):
        """Copies a store to the server, and returns its uuid. With origin (a uuid), its events up to after_tick are
        those of that run. With until_tick, only the events up to that tick."""
        copied = Store(store, until_tick)
        after = copied.tick(after_tick) if origin else None
        begins = after["last_seq"] if after else 0
        run = quote(copied.uuid)
        script = [f"BEGIN; SELECT eventure.begin_ship({run}, {copied.created!r}, {copied.foreign_ids});"]
        if after:
            script.append(f"SELECT eventure.set_fork({run}, {quote(origin)}, {begins}, {after['tick']}, "
                          f"{after['run_digest']}, {after['full_digest']});")
        script.append("COPY eventure.event (run, seq, tick, timestamp, timestamp_integer, type, id, parent_seq, parent_id, "
                      "data, data_text) FROM STDIN;")
        script += [copy_line([copied.uuid, *row]) for row in copied.events(begins)] + ["\\."]
        script.append("COPY eventure.tick (run, tick, first_seq, last_seq, run_digest, full_digest) FROM STDIN;")
        script += [copy_line([copied.uuid, *row]) for row in copied.ticks(begins)] + ["\\."]
        end = copied.tick(None)
        fork = [quote(origin), str(after["tick"] + 1), str(begins)] if after else ["NULL"] * 3
        script.append(f"SELECT eventure.end_ship({run}, {end['last_seq']}, {end['tick']}, {is_open}, {end['run_digest']}, "
                      f"{end['full_digest']}, {copied.current_tick}, {copied.foreign_ids}, {quote(copied.record)}, '[]', "
                      f"{', '.join(fork)});")
        script.append("COMMIT;\n")
        self.execute("\n".join(script))
        return copied.uuid


class Session:
    """A connection that stays open for many queries: starting psql takes longer than most of them."""

    END = b"end of the rows\n"

    def __init__(self, database):
        self.errors = tempfile.TemporaryFile()
        self.psql = subprocess.Popen([*database.command(), "-f", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     stderr=self.errors, env=ENVIRONMENT)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.psql.communicate()
        self.errors.close()

    def rows(self, query):
        """The rows of a query, as lists of texts; NULL is None. Raises SqlError when it fails; the session has then
        ended."""
        self.psql.stdin.write(query.encode() + b";\n\\echo " + self.END)
        self.psql.stdin.flush()
        lines = []
        for line in self.psql.stdout:
            if line == self.END:
                return rows_of(b"".join(lines).decode())
            lines.append(line)
        self.psql.wait()
        self.errors.seek(0)
        raise SqlError(self.errors.read().decode())

    def column(self, query):
        return [row[0] for row in self.rows(query)]


class Store:
    """The content of a store, as rows for the server."""

    def __init__(self, path, until_tick=None):
        self.connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        self.until_tick = until_tick if until_tick is not None else 2**63 - 1
        self.uuid, self.created, self.current_tick, foreign = self.connection.execute(
            "SELECT uuid, created, current_tick, foreign_ids FROM store").fetchone()
        self.foreign_ids = bool(foreign)
        (self.record,) = self.connection.execute("SELECT record FROM run").fetchone()

    def tick(self, at_most):
        """Returns the newest tick up to a tick."""
        at_most = self.until_tick if at_most is None else min(at_most, self.until_tick)
        row = self.connection.execute("SELECT tick, last_seq, hex(run_digest), hex(full_digest) FROM tick WHERE tick <= ? "
                                      "ORDER BY tick DESC LIMIT 1", (at_most,)).fetchone()
        if row is None:
            return {"tick": -1, "last_seq": 0, "run_digest": "NULL", "full_digest": "NULL"}
        return {"tick": row[0], "last_seq": row[1], "run_digest": f"'\\x{row[2]}'", "full_digest": f"'\\x{row[3]}'"}

    def events(self, after_seq):
        for row in self.connection.execute(
                "SELECT seq, tick, timestamp, type, id, parent_seq, parent_id, data FROM events WHERE seq > ? AND tick <= ? "
                "ORDER BY seq", (after_seq, self.until_tick)):
            seq, tick, timestamp, name, identity, parent_seq, parent_id, data = row
            yield [seq, tick, repr(float(timestamp)), timestamp if isinstance(timestamp, int) else None, name, identity,
                   parent_seq, parent_id, None if NOT_JSONB.search(data) else data, data]

    def ticks(self, after_seq):
        for tick, first, last, run_digest, full_digest in self.connection.execute(
                "SELECT tick, first_seq, last_seq, run_digest, full_digest FROM tick WHERE last_seq > ? AND tick <= ? "
                "ORDER BY tick", (after_seq, self.until_tick)):
            yield [tick, first, last, f"\\x{run_digest.hex()}", f"\\x{full_digest.hex()}"]


def rows_of(text):
    """The rows in the output of psql, as lists of texts; NULL is None."""
    return [[None if value == NULL else value for value in row] for row in csv.reader(io.StringIO(text, newline=""))]


def quote(text):
    """A text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def copy_line(values):
    """A row in the text format of COPY."""
    escapes = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})
    return "\t".join(NULL if value is None else str(value).translate(escapes) for value in values)
