#!/usr/bin/env python3
"""Upgrades each golden store of an older format (tests/data/formats), and some of them in all ways: the present version
must print the same output as the version that made the store, and continue it in the same way.

usage: golden.py PROGRAM SCRATCH_DIR [NAME...]
"""

import hashlib
import json
import re
import sys

from formats import (FORMATS, PRESENT, SOAKS, Failure, Program, ask, change, expect, exported, files_beside, format_of,
                     golden_stores, remove, rows_of, schema_of, scratch_folder, unpack)

# Tables that are the same in all formats that have them.
SAME_TABLES = ("tick", "snapshot", "save_point", "origin", "archive", "data_index", "data_value", "sqlite_sequence")

# Objects that users may have added to the file; the last ones use tables that the upgrade removes.
USERS_OWN = (
    "CREATE TABLE notes (id INTEGER PRIMARY KEY, about TEXT REFERENCES event (seq), note TEXT)",
    "CREATE INDEX notes_about ON notes (about)",
    "CREATE VIEW loud AS SELECT upper(note) AS note FROM notes",
    "CREATE VIEW newest AS SELECT id, type FROM events ORDER BY seq DESC LIMIT 3",
    "CREATE TRIGGER notes_kept BEFORE DELETE ON notes BEGIN SELECT RAISE(ABORT, 'kept'); END",
    "CREATE INDEX tick_first ON tick (first_seq)",
    "CREATE VIEW by_type AS SELECT type.name, event.seq FROM event JOIN type ON type.id = event.type",
    "CREATE TRIGGER notes_typed AFTER INSERT ON notes BEGIN SELECT count(*) FROM type, store; END",
    "CREATE VIEW broken AS SELECT * FROM nowhere",
)
USERS_NAMES = {sql.split()[2] for sql in USERS_OWN}


def expected_rows(path):
    """Computes the rows of the present tables from those of an older format."""
    def table(name):
        there = ask(path, f"SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = '{name}'")[0][0]
        return ask(path, f"SELECT * FROM {name} ORDER BY 1") if there else []

    types = {number: (name, name_hash) for number, name, name_hash in table("type")}
    foreign, external = dict(table("foreign_id")), dict(table("external_parent"))
    events, archived = [row[:7] for row in table("event")], table("archived_event")
    ids = {row[0]: foreign.get(row[0], f"{row[1]}-{types[row[2]][1]}-{row[3]}") for row in events + archived}
    def parent(seq, of):
        return ids[of] if of is not None else external.get(seq)
    flat = [(seq, ids[seq], tick, timestamp, types[kind][0], cause, parent(seq, cause), data)
            for seq, tick, kind, _, cause, timestamp, data in events]
    kept = [(seq, ids[seq], tick, types[kind][0], cause, parent(seq, cause)) for seq, tick, kind, _, cause in archived]
    store = [(*row, int(bool(foreign))) for row in table("store")]
    return {name: [tuple(map(repr, row)) for row in rows]
            for name, rows in (("events", flat), ("archived_events", kept), ("store", store))}


def without_comments(schema):
    """A schema without the comments in its SQL: an upgrade keeps the text of tables that have not changed."""
    return [(*row[:-1], re.sub(r"\s*--[^\n]*", "", row[-1] or "")) for row in schema]


class Store:
    """One golden store, which is upgraded in each way."""

    def __init__(self, program, folder, name, said, new_schema):
        self.program = program
        self.folder = folder
        self.name = name
        self.said = said
        self.new_schema = new_schema
        remove(folder, "")
        self.old = unpack(name, folder / "old.db")
        self.old_rows = rows_of(self.old)
        self.old_schema = schema_of(self.old)
        self.wanted = expected_rows(self.old)
        self.old_bytes = self.old.read_bytes()

    def same(self, actual, expected, what):
        """Fails when they differ, with the first rows that differ."""
        if actual == expected:
            return
        if isinstance(actual, list) and isinstance(expected, list):
            at = next((i for i, (a, b) in enumerate(zip(actual, expected)) if a != b), min(len(actual), len(expected)))
            raise Failure(f"{what}: differs at {at}: {str(actual[at:at + 1])[:400]} instead of "
                          f"{str(expected[at:at + 1])[:400]}")
        else:
            raise Failure(f"{what}: {str(actual)[:400]} instead of {str(expected)[:400]}")

    def json(self, *arguments):
        """Returns the JSON output of a command."""
        return json.loads(self.program.run(*arguments))

    def check_file(self, path, users=False):
        """Checks the tables of an upgraded store."""
        rows, schema = rows_of(path), schema_of(path)
        self.same(format_of(path), PRESENT, "format")
        self.same(without_comments(row for row in schema if row[1] not in USERS_NAMES),
                  without_comments(self.new_schema), "schema")
        self.same([row for row in schema if row[1] in USERS_NAMES],
                  [row for row in self.old_schema if row[1] in USERS_NAMES] if users else [], "what others have made")
        for table, wanted in self.wanted.items():
            self.same(rows[table], wanted, f"rows of {table}")
        for table in SAME_TABLES:
            self.same(rows[table], self.old_rows.get(table, []), f"rows of {table}")
        self.same(ask(path, "PRAGMA integrity_check"), [("ok",)], "integrity_check")

    def check_copy(self, path):
        """Checks that the copy of the old store still has its format and its content."""
        self.same(format_of(path), self.said["format"], "format of the copy")
        self.same(ask(path, "PRAGMA application_id"), [(0x45766E74,)], "application_id of the copy")
        self.same(schema_of(path), self.old_schema, "schema of the copy")
        self.same(rows_of(path), self.old_rows, "rows of the copy")

    def check_answers(self, path):
        """Checks that the output of the program equals that of the old version."""
        said = self.said
        expect(self.program.run("export", path), exported(self.name), "export")
        stats = self.json("stats", "--json", path)
        stats.pop("disk_bytes")
        self.same(stats, said["stats"], "stats")
        if "digests" in said:
            self.same(self.json("digest", "--json", path), said["digests"], "digests")
        for at in said.get("digests_at", []):
            self.same(self.json("digest", "--json", "--at", at["tick"], path), at, f"digests at tick {at['tick']}")
        saves = [json.loads(line) for line in self.program.lines("saves", "--json", path)]
        self.same(saves, said.get("save_points", []), "save points")
        self.check_verify(path)
        if "index_list" in said:
            self.same(self.program.lines("index", path, "list"), said["index_list"], "indexes")
        if "state_seen" in said:
            state = self.json("state", "--projection", FORMATS / "seen.sql", "--format", "json", "--sql",
                              "SELECT * FROM seen ORDER BY type", path)
            self.same(state, said["state_seen"], "state by seen.sql")

    def check_verify(self, path):
        """Checks that the store is sound, or has the recorded problem."""
        if "minus-zero" in self.name:
            _, errors = self.program.run_both("verify", path, exit_code=1)
            expect(errors, b"eventure: tick 0 (events 1 to 1): the full digest is not that of its timestamps\n",
                   "verify")
            return
        reported = f"sound: {self.said['events']} events, {len(self.said['ticks'])} ticks"
        shots = len(self.said.get("snapshots", []))
        if shots > 0:
            reported += f"\nsnapshots: 0 equal to a fold from the start, {shots} not checked"
        if "without-digests" in self.name:
            reported += "\nno digests of: events; changes that contradict no other row are not found"
        self.same(self.program.run("verify", path).decode(), reported + "\n", "verify")
        # The version of format 3 did not report snapshots.
        expect(reported.split("\n")[0], self.said.get("verify", reported).split("\n")[0], "what verify said")

    def check_tables(self, path):
        """Checks the contents of tables in expected.json that the program does not print."""
        said = self.said
        def objects(sql, *names):
            return [dict(zip(names, row)) for row in ask(path, sql)]
        def text(value):
            return value.hex() if isinstance(value, bytes) else value
        self.same(ask(path, "SELECT uuid, digests FROM store"), [(said["uuid"], said["digests_kind"])], "store")
        snapshots = ask(path, "SELECT name, version, tick, seq, state FROM snapshot")
        self.same({(*row[:4], hashlib.sha256(row[4]).hexdigest()) for row in snapshots},
                  {tuple(shot.values()) for shot in said.get("snapshots", [])}, "snapshots")
        for table in ("origins", "archives"):
            rows = ask(path, f"SELECT * FROM {table[:-1]} ORDER BY 1")
            self.same([tuple(map(text, row)) for row in rows],
                      [tuple(row.values()) for row in said.get(table, [])], table)
        self.same(objects("SELECT seq, id, tick, type, parent_seq FROM archived_events ORDER BY seq", "seq", "id",
                          "tick", "type", "parent_seq"), said.get("archived_events", []), "archived events")
        self.same(objects("SELECT id, key, pattern, upto FROM data_index ORDER BY id", "id", "key", "pattern", "upto"),
                  said.get("data_indexes", []), "indexes on data")
        values = [tuple(map(text, row)) for row in ask(path, "SELECT index_id, value, seq FROM data_value")]
        self.same(sorted(values), sorted(tuple(row.values()) for row in said.get("data_values", [])),
                  "values of indexes")

    def check_go_on(self, path):
        """Checks that the next events get the same ids and digests as with the old version."""
        go_on = self.said["go_on"]
        for step in go_on["steps"] if go_on else []:
            more = [f"--parent={step['parent']}"] if step["parent"] else []
            more += [f"--advance={step['advance']}"] if step["advance"] else []
            more.append(f"--timestamp={step['timestamp']!r}")
            got = self.program.run("append", path, step["type"], step["data"], *more)
            self.same(got.decode().strip(), step["id"], "id of an event appended")
        if go_on:
            self.same(self.json("stats", "--json", path)["current_tick"], go_on["current_tick"], "current tick, later")
        if go_on and go_on.get("digests"):
            self.same(self.json("digest", "--json", path), go_on["digests"], "digests of what was appended")
        if "minus-zero" not in self.name:
            self.program.run("verify", path)

    def in_place(self):
        """eventure upgrade DB."""
        reported = self.program.run("upgrade", self.old).decode()
        number = self.said["format"]
        self.same(reported,
                  f"{self.old}: from format {number} to {PRESENT}; the old store is {self.old}-format-{number}\n",
                  "what upgrade says")
        self.same(files_beside(self.old), [f"-format-{number}"], "files beside the store")
        self.check_file(self.old)
        self.check_answers(self.old)
        self.check_tables(self.old)
        copy = self.folder / f"old.db-format-{number}"
        self.check_copy(copy)
        self.check_go_on(self.old)
        # The copy can be upgraded, too.
        self.program.run("upgrade", "--no-backup", copy)
        self.check_file(copy)

    def to_new(self):
        """eventure upgrade DB NEW."""
        old, new = unpack(self.name, self.folder / "kept.db"), self.folder / "new.db"
        reported = self.program.run("upgrade", old, new).decode()
        self.same(reported, f"{new}: from format {self.said['format']} to {PRESENT}\n", "what upgrade says")
        self.same(files_beside(new), [], "files beside the new store")
        self.same(files_beside(old), [], "files beside the old store")
        self.same(old.read_bytes(), self.old_bytes, "bytes of the old store")
        self.check_file(new)
        expect(self.program.run("export", new), exported(self.name), "export of the new store")
        self.check_go_on(new)

    def by_writing(self):
        """A command that writes upgrades the store first."""
        path = unpack(self.name, self.folder / "written.db")
        self.program.run("import", path)
        self.same(files_beside(path), [f"-format-{self.said['format']}"], "files beside the store")
        self.check_file(path)
        self.check_copy(self.folder / f"written.db-format-{self.said['format']}")
        self.check_go_on(path)

    def with_others(self):
        """Checks that objects that users added are kept."""
        path = unpack(self.name, self.folder / "shared.db")
        # A user's index on a table of the store is dropped with the table.
        change(path, *USERS_OWN, "CREATE INDEX events_type ON event (type)", "INSERT INTO notes VALUES (1, 2, 'Über')")
        self.old_schema = schema_of(path)
        self.program.run("upgrade", path)
        self.check_file(path, users=True)
        self.same(ask(path, "SELECT * FROM notes"), [(1, "2", "Über")], "a table of others")
        self.same(ask(path, "SELECT * FROM loud"), [("ÜBER",)], "a view of others")
        self.same(ask(path, "SELECT * FROM newest"),
                  ask(path, "SELECT id, type FROM events ORDER BY seq DESC LIMIT 3"), "a view of others on events")
        expect(self.program.run("export", path), exported(self.name), "export")
        self.check_verify(path)


def main():
    program = Program(sys.argv[1])
    stores = {name: said for name, said in golden_stores().items() if not sys.argv[3:] or name in sys.argv[3:]}
    # All ways share the upgrade itself: outside the soak, one store of each format is enough for the others.
    every = SOAKS or sys.argv[3:]
    in_all_ways = [name for name in stores if every or name.endswith("-rich.db")]
    expect(sorted({stores[name]["format"] for name in in_all_ways}),
           sorted({said["format"] for said in stores.values()}), "formats whose stores are upgraded in all ways")
    failed = 0
    with scratch_folder(sys.argv[2]) as folder:
        program.run("import", folder / "fresh.db")
        new_schema = schema_of(folder / "fresh.db")
        for name, said in stores.items():
            store = Store(program, folder, name, said, new_schema)
            ways = (store.in_place, store.to_new, store.by_writing, store.with_others)
            for way in ways if name in in_all_ways else ways[:1]:
                try:
                    way()
                except Failure as failure:
                    print(f"{name}: FAILED: {way.__name__}: {failure}", flush=True)
                    failed += 1
    print(f"{len(stores)} stores, {failed} failures")
    return 1 if failed or not stores else 0


if __name__ == "__main__":
    sys.exit(main())
