#!/usr/bin/env python3
"""Makes the stores of one old file format, and records the output of the version that made them.

    make.py FORMAT EVENTURE WITHOUT_DIGESTS

EVENTURE is the command line of a version that writes that format, WITHOUT_DIGESTS the program without_digests.c linked
with its library. README.md tells how to get both. Results go beside this file: format-N-NAME.db.gz, format-N-NAME.jsonl,
and the entries of these stores in expected.json.
"""
import gzip
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
FORMAT, EVENTURE, WITHOUT_DIGESTS = int(sys.argv[1]), os.path.abspath(sys.argv[2]), os.path.abspath(sys.argv[3])
HAS_SESSIONS = FORMAT >= 3  # save points, forks, archives; and the commands digest, verify, snapshot, state
HAS_INDEXES = FORMAT >= 4
T0 = 1700000000


def run(*arguments, given=None, status=0):
    done = subprocess.run([EVENTURE, *arguments], input=given, capture_output=True, text=True)
    if done.returncode != status:
        sys.exit(f"eventure {' '.join(arguments)}: {done.returncode}: {done.stderr}")
    return done.stdout


def type_hash(name):
    return "".join(c for c in hashlib.md5(name.encode()).hexdigest() if c in "abcdef")[:4].upper()


def line(tick, kind, data, own_id, parent=None, timestamp=None):
    """A line of import. `data` as text is taken as it is."""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    stamp = repr(T0 + tick + 0.125 if timestamp is None else timestamp)
    return ('{"tick": %d, "timestamp": %s, "type": %s, "data": %s, "event_id": %s, "parent_id": %s}\n'
            % (tick, stamp, json.dumps(kind), text, json.dumps(own_id), json.dumps(parent)))


def append(store, kind, data="{}", parent=None, advance=0, timestamp=T0 + 0.5):
    arguments = ["append", store, kind, data, f"--timestamp={timestamp!r}"]
    if parent is not None:
        arguments.append(f"--parent={parent}")
    if advance:
        arguments.append(f"--advance={advance}")
    return run(*arguments).strip()


# --- The stores ---

# Types whose ids share a HASH: BEFA has three, CACA two. t.2039 has a HASH of two letters, t.241311 one of one.
RICH_LINES = [
    line(0, "world.made", {"name": "Érd — 世界", "size": [3, 4, [5, {"deep": {"er": None}}]], "on": True, "none": {}},
         "0-ACCF-1"),
    line(0, "door.sold", {"n": 1, "enemy": "dragon"}, "0-BEFA-1", "0-ACCF-1"),
    line(0, "crow.entered", {"n": 1.0, "enemy": "wolf"}, "0-BEFA-2", "0-BEFA-1", T0 + 0.1),
    line(0, "crow.flown", '{"n":1e0,"n":10e-1,"enemy":["dragon",{"b":1,"a":2}]}', "0-BEFA-3", "0-BEFA-2", T0),
    line(0, "guard.hit", {"n": -0.0, "by": "x" * 200}, "import:guard/1", "0-ACCF-1", 0.0),
    line(0, "größe.geändert", '{"esc":"\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u001f\\u007f\\ud83d\\ude00/","":"no key"}',
         "0-FECD-1", "elsewhere-7", -1.5),
    line(0, "🐉", {"龍": "🐲", "big": 123456789012345678901234567890, "small": 5e-324}, "龍-①", "龍-⓪"),
    line(0, "enemy.defeated", {}, "0-BEFA-9", "龍-①"),  # the HASH and the number of another type of the same tick
    line(0, "t.2039", {"n": "1"}, "0-AB-77"),
    line(1, "guard.left", {"n": None}, "3-BEFA-1", "0-BEFA-9"),  # the derived id of an event of a later tick
    line(1, "enemy.defeated", {"enemy": "dragon"}, "0-ECDC-5", "3-BEFA-1"),  # has the form of one of an earlier tick
    line(1, "enemy.defeated", {"enemy": "d\"r"}, "01-ECDC-1"),  # these three have not the form of an id
    line(1, "enemy.defeated", {"enemy": "dragon"}, "1-ecdc-1"),
    line(1, "enemy.defeated", {"enemy": "wolf"}, "1-ECDC-9223372036854775808"),
    line(1, "player.left", {"n": 2}, "1-EFFD-1", "3-BEFA-3"),  # external: a later event gets this id
    line(1, "ship.burned", {"n": 3}, "1-EFFD-2", "late"),  # external: the next line but one has this id
    line(2, "crow.flown", {"n": 4}, "3-BEFA-2", "0-BEFA-3"),
    line(2, "t.241311", {"n": 5}, "late", "3-BEFA-2"),
    line(2, "world.made", {"again": True}, "2-CACA-4", "late"),  # appended events of CACA have to skip it
    line(2, "door.sold", {"n": 7}, "11-EFFD-1", "late"),
    line(2, "lamp.lit", {"n": 9}, "20-BEFA-1"),  # ids of ticks that the store has not reached at its end
    line(2, "lamp.lit", {"n": 10}, "24-CACA-1", "late"),
    line(2, "lamp.lit", {"n": 8}, "ab c\t\u00a0", "elsewhere-7"),
]


def make_rich(store):
    run("import", "--external-parents", store, given="".join(RICH_LINES))
    if HAS_INDEXES:
        run("index", store, "add", "dropped")
        run("index", store, "add", "n")
        run("index", store, "add", "enemy")
        run("index", store, "drop", "dropped")
    for n in range(6):  # 2-CACA-1 to -3, then the taken -4 is skipped
        last = append(store, "guard.hit" if n % 2 else "guard.left", json.dumps({"n": n, "by": "x" * 200}), "late",
                      timestamp=T0 + 2 + n / 8)
    if HAS_SESSIONS:
        run("save", store, "mid tick 2", "--note", "notes are kept, ünïcode too")
    append(store, "door.sold", '{"n":12}', last, advance=1)
    a = append(store, "crow.flown", '{"enemy":"dragon"}', "3-BEFA-1")  # skips 3-BEFA-1 and -2, which are taken
    b = append(store, "door.sold", '{"enemy":"wolf"}', a)
    append(store, "crow.entered", '{"enemy":"wolf"}', b, advance=1)
    if HAS_SESSIONS:
        run("save", store, "龍 at rest")
    c = append(store, "world.made", '{"t":4}', "import:guard/1", advance=3, timestamp=T0 + 4.75)
    d = append(store, "enemy.defeated", '{"t":7}', c, advance=1, timestamp=T0 + 4.25)  # time goes back
    append(store, "enemy.defeated", '{"t":8}', c)
    append(store, "enemy.defeated", '{"t":8,"%s":1}' % ("long" * 60), d, advance=3)
    append(store, "player.left", '{"n":11}', "1-EFFD-2")  # tick 11: 11-EFFD-1 is taken by an event of tick 2
    append(store, "ship.burned", '{"n":11}', "0-AB-77", advance=5)
    append(store, "größe.geändert", '{"to":"15 → 16"}', d)
    append(store, "🐉", "{}", b)
    append(store, "lamp.lit", "{}", "24-CACA-1", advance=4)
    if HAS_INDEXES:
        run("index", store, "add", "n", "--type", "guard.*")
        run("index", store, "add", "")
        run("index", store, "add", "by")  # values so long that the index holds their digests
    if HAS_SESSIONS:
        run("save", store, "at the end")
        run("snapshot", "--projection", "seen.sql", "--every", "7", store)


def make_without_digests(store):
    subprocess.run([WITHOUT_DIGESTS, store], check=True)
    make_rich(store)


def make_mid_tick(store):
    append(store, "door.sold", '{"n":1}', advance=1)
    a = append(store, "crow.flown", '{"n":2}', "0-BEFA-1")
    append(store, "door.sold", '{"n":3}', a)
    run("import", store, given=line(1, "lamp.lit", {}, "1-BEFA-4", a))  # the next append of the tick has to skip it
    if HAS_SESSIONS:
        run("save", store, "here")


def make_empty(store):
    run("import", store, given="")


def make_all_archived(store):
    """No events, but archived ones; no row in tick: the table store contains the current tick."""
    shutil.copy(name("rich"), store)
    run("archive", store, name("all-archive"), "--before", "20", "--projection", "seen.sql")


def make_extremes(store):
    deep = "[" * 999 + "]" * 999
    run("import", "--external-parents", store, given="".join([
        line(0, "a", '{"x":%s}' % deep, "first", "p" * 300, 5e-324),
        line(1, "ä" * 127 + "b", '{"s":"%s"}' % ("öäü " * 1500), "i" * 1024, "first", -1.7976931348623157e308),
        line(7, "a", {}, "7-%s-1" % type_hash("a"), "i" * 1024, 1.7976931348623157e308),
        line(8, "a", {}, "8-%s-1" % type_hash("a"), None, 0.1),
        line(2**32, "a", {}, "4294967296-%s-1" % type_hash("a"), "first", 1e15),
        line(2**53 + 1, "a", {}, "9007199254740993-%s-1" % type_hash("a"), "first", 4503599627370497.5),
        line(2**62, "a", {}, "9223372036854775806-%s-1" % type_hash("a"), "first", 3),
    ]))
    append(store, "a", advance=2**62 - 2)  # to 9223372036854775806, where the derived id is taken
    append(store, "a")


def make_minus_zero(store):
    """Versions before 097b81d took the digest of a timestamp of -0 over the bytes of -0, but SQLite keeps 0."""
    append(store, "door.sold", '{"n":1}', timestamp=-0.0, advance=1)
    append(store, "door.sold", '{"n":2}', "0-BEFA-1", timestamp=2.0, advance=1)


def make_fork(store):
    """A fork that was made in the middle of tick 2, and was continued."""
    run("fork", name("rich"), store, "--save", "mid tick 2")
    a = append(store, "door.sold", '{"fork":1}', "3-BEFA-1", advance=1)
    append(store, "crow.flown", '{"fork":1}', a, advance=2)
    run("save", store, "in the fork")


def make_fork_of_fork(store):
    run("fork", name("fork"), store, "--at", "3")
    append(store, "crow.flown", '{"fork":2}', "late", advance=1)


def make_archived(store):
    """Two cuts into one archive; parents are archived events, with natural, foreign and taken ids."""
    shutil.copy(name("rich"), store)
    run("archive", store, name("archive"), "--before", "2", "--projection", "seen.sql")
    append(store, "guard.hit", '{"after":"cut 1"}', "import:guard/1")
    run("archive", store, name("archive"), "--before", "8", "--projection", "seen.sql")
    append(store, "guard.left", '{"after":"cut 2"}', "3-BEFA-1", advance=2)
    run("save", store, "after the cuts")


def make_archived_without_digests(store):
    shutil.copy(name("without-digests"), store)
    run("archive", store, name("archive-without-digests"), "--before", "3", "--projection", "seen.sql")


def make_fork_of_archived(store):
    run("fork", name("archived"), store, "--at", "11")


def name(kind):
    return f"format-{FORMAT}-{kind}.db"


STORES = {"empty": make_empty, "rich": make_rich, "without-digests": make_without_digests, "mid-tick": make_mid_tick,
          "extremes": make_extremes}
if FORMAT in (3, 4):
    STORES["minus-zero"] = make_minus_zero
if HAS_SESSIONS:
    STORES |= {"fork": make_fork, "fork-of-fork": make_fork_of_fork, "archived": make_archived, "archive": None,
               "all-archived": make_all_archived, "all-archive": None,
               "archived-without-digests": make_archived_without_digests, "archive-without-digests": None,
               "fork-of-archived": make_fork_of_archived}
NOT_KEPT = {"all-archive", "archive-without-digests"}  # needed while others are made
# Events that the same version appends to a copy, to record its output afterwards. (type, data, parent, advance)
MORE = [("guard.hit", '{"more":1}', "parent", 0), ("crow.flown", '{"more":2}', None, 0),
        ("door.sold", '{"more":3}', "parent", 1), ("brand.new", '{"more":4}', None, 3), ("guard.left", "{}", "parent", 0)]
PARENTS = {"mid-tick": "1-BEFA-1", "extremes": "first", "minus-zero": "0-BEFA-1", "empty": None, "all-archived": None}


# --- The output of the version ---

def rows(store, sql):
    with sqlite3.connect(f"file:{store}?immutable=1", uri=True) as db:
        db.row_factory = sqlite3.Row
        out = []
        for row in db.execute(sql):
            out.append({key: value.hex() if isinstance(value, bytes) else value for key, value in dict(row).items()})
    return out


def has_events(store):
    return rows(store, "SELECT count(*) AS n FROM event")[0]["n"] > 0


def digests(store, tick=None):
    """The command `digest` where there is one; before, the rows of the table, which it prints."""
    if not HAS_SESSIONS:
        where = "" if tick is None else f"WHERE tick <= {tick}"
        newest = rows(store, f"SELECT tick, last_seq AS seq, run_digest AS run, full_digest AS full FROM tick {where}"
                             " ORDER BY tick DESC LIMIT 1")
        return newest[0] if newest else {"tick": None, "seq": 0, "run": "0" * 64, "full": "0" * 64}
    at = [] if tick is None else ["--at", str(tick)]
    return json.loads(run("digest", "--json", *at, store))


def expected(store, kind):
    stats = json.loads(run("stats", "--json", store))
    kept = rows(store, "SELECT * FROM store")[0]
    ticks = [row["tick"] for row in rows(store, "SELECT tick FROM tick ORDER BY tick")]
    last_seq = rows(store, "SELECT coalesce((SELECT max(seq) FROM event), 0) AS n")[0]["n"]
    out = {"format": FORMAT, "user_version": rows(store, "PRAGMA user_version")[0]["user_version"],
           "uuid": kept["uuid"], "digests_kind": kept["digests"], "current_tick": stats["current_tick"],
           "events": stats["events"], "last_seq": last_seq, "stats": {k: stats[k] for k in stats if k != "disk_bytes"},
           "ticks": rows(store, "SELECT tick, first_seq, last_seq, sealed FROM tick ORDER BY tick"),
           "types": rows(store, "SELECT type.id AS id, name, hash, (SELECT count(*) FROM event WHERE type = type.id) AS"
                                " events FROM type ORDER BY id"),
           "foreign_ids": rows(store, "SELECT * FROM foreign_id ORDER BY seq"),
           "external_parents": rows(store, "SELECT * FROM external_parent ORDER BY seq")}
    if kept["digests"] != "none":
        out["digests"] = digests(store)
        out["digests_at"] = [digests(store, tick) for tick in ticks]
    if HAS_SESSIONS:
        out["save_points"] = [json.loads(text) for text in run("saves", "--json", store).splitlines()]
        out["snapshots"] = [dict(row, state=hashlib.sha256(bytes.fromhex(row["state"])).hexdigest()) for row in rows(
            store, "SELECT name, version, tick, seq, state FROM snapshot ORDER BY id")]
        out["origins"] = rows(store, "SELECT * FROM origin ORDER BY generation")
        out["archives"] = rows(store, "SELECT * FROM archive ORDER BY before_tick")
        out["archived_events"] = rows(store, "SELECT seq, id, tick, type, parent_seq FROM archived_events ORDER BY seq")
        out["verify"] = run("verify", store, status=1 if kind == "minus-zero" else 0).strip()
        folds = out["snapshots"] or (has_events(store) and not out["archives"])
        if folds:
            out["state_seen"] = json.loads(run("state", "--projection", "seen.sql", "--format", "json",
                                               "--sql", "SELECT * FROM seen ORDER BY type", store))
    if HAS_INDEXES:
        out["data_indexes"] = rows(store, "SELECT * FROM data_index ORDER BY id")
        out["data_values"] = rows(store, "SELECT * FROM data_value ORDER BY index_id, value, seq")
        out["index_list"] = run("index", store, "list").splitlines()
    return out


def go_on(store, kind):
    """Appends MORE to a copy, and returns the ids that the events got and the digests then."""
    if kind == "extremes":  # there is no later tick
        return None
    copy = "copy.db"
    shutil.copy(store, copy)
    steps = []
    parent = PARENTS.get(kind, "import:guard/1")
    for number, (event_type, data, wants, advance) in enumerate(MORE):
        step = {"type": event_type, "data": data, "parent": parent if wants else None,
                "timestamp": T0 + 100 + number / 4, "advance": advance}
        step["id"] = append(copy, event_type, data, step["parent"], advance, step["timestamp"])
        steps.append(step)
    out = {"steps": steps, "current_tick": json.loads(run("stats", "--json", copy))["current_tick"]}
    if rows(copy, "SELECT digests FROM store")[0]["digests"] != "none":
        out["digests"] = digests(copy)
    os.remove(copy)
    return out


def main():
    shown = {}
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(os.path.join(HERE, "seen.sql"), folder)
        os.chdir(folder)
        for kind, make in STORES.items():
            if make is not None:
                make(name(kind))
        for kind in STORES:
            store = name(kind)
            if kind in NOT_KEPT:
                continue
            wal = store + "-wal"  # readers may leave an empty one behind
            assert not os.path.exists(wal) or os.path.getsize(wal) == 0
            with sqlite3.connect(f"file:{store}?immutable=1", uri=True) as db:
                assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            shown[store] = expected(store, kind)
            shown[store]["go_on"] = go_on(store, kind)
            with open(store, "rb") as file, open(os.path.join(HERE, store + ".gz"), "wb") as out:
                with gzip.GzipFile("", "wb", 9, out, mtime=0) as packed:
                    packed.write(file.read())
            with open(os.path.join(HERE, store.replace(".db", ".jsonl")), "w") as out:
                out.write(run("export", store))
    path = os.path.join(HERE, "expected.json")
    everything = {}
    if os.path.exists(path):
        with open(path) as file:
            everything = json.load(file)
    everything = {key: value for key, value in everything.items() if value["format"] != FORMAT} | shown
    with open(path, "w") as file:
        file.write("{\n" + ",\n".join(
            json.dumps(key) + ": {\n" + ",\n".join(f"  {json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}"
                                                  for k, v in everything[key].items()) + "\n}"
            for key in sorted(everything)) + "\n}\n")


main()
