#!/usr/bin/env python3
"""Recomputes the digests of an Eventure store from its events, with nothing but Python's standard library.

    recompute-digests.py STORE

Written from docs/format.md alone, it shares no code with the library. Ends with 0 when every digest in the file is that
of its events. Otherwise prints the first tick whose digest differs, and ends with 1.
"""

import hashlib
import pathlib
import sqlite3
import struct
import sys

ZEROS = bytes(32)

EVENTS = """
SELECT coalesce(parent_seq, 0), timestamp, type, data, id, parent_id FROM events WHERE seq BETWEEN ? AND ? ORDER BY seq
"""


def integer(value):
    return struct.pack("<q", value)


def text(value):
    data = (value or "").encode()
    return integer(len(data)) + data


def hash_of_type(name):
    """Returns the HASH of derived ids: the first four letters (in upper case) among the hexadecimal digits of the MD5
    of the type."""
    digits = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
    return "".join(digit for digit in digits if digit in "abcdef")[:4].upper()


def digests_of_tick(store, tick, first_seq, last_seq, run_before, full_before):
    run = hashlib.sha512(run_before + integer(tick))
    full = hashlib.sha512(full_before + integer(tick))
    counts = {}  # HASH -> the n of its newest event in this tick
    for parent, timestamp, name, data, event_id, parent_id in store.execute(EVENTS, (first_seq, last_seq)):
        code = hash_of_type(name)
        counts[code] = counts.get(code, 0) + 1
        explicit_id = event_id if event_id != f"{tick}-{code}-{counts[code]}" else None
        external_parent = parent_id if parent == 0 else None
        run.update(integer(parent) + text(name) + text(explicit_id) + text(external_parent) + text(data))
        full.update(struct.pack("<d", timestamp))
    run_digest = run.digest()[:32]
    full.update(run_digest)
    return run_digest, full.digest()[:32]


def main(path):
    store = sqlite3.connect(f"{pathlib.Path(path).resolve().as_uri()}?mode=ro", uri=True)
    if store.execute("SELECT digests FROM store").fetchone() == ("none",):
        sys.exit(f"{path}: made without digests")
    cut = store.execute("SELECT run_digest, full_digest FROM archive ORDER BY before_tick DESC LIMIT 1").fetchone()
    run, full = cut or (ZEROS, ZEROS)
    count = 0
    query = "SELECT tick, first_seq, last_seq, run_digest, full_digest FROM tick ORDER BY tick"
    for tick, first_seq, last_seq, stored_run, stored_full in store.execute(query).fetchall():
        run, full = digests_of_tick(store, tick, first_seq, last_seq, run, full)
        if (run, full) != (stored_run, stored_full):
            sys.exit(f"{path}: tick {tick}: the digests are not those of its events")
        count += 1
    print(f"{count} ticks, run {run.hex()}, full {full.hex()}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
