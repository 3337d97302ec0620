#!/usr/bin/env python3
"""Another process has switched a store to a rollback journal, and reads it. Opening it for writing must return within
the time limit."""
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

if shutil.which("eventure") is None:
    print("cannot run: needs eventure")
    sys.exit(77)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
BUSY_TIMEOUT_S = 5  # the default
status = 0


def append(timeout):
    return subprocess.run(["eventure", "append", "g.db", "a.b"], capture_output=True, text=True, timeout=timeout)


with tempfile.TemporaryDirectory() as work:
    os.chdir(work)
    append(20)
    reader = sqlite3.connect("g.db", isolation_level=None)
    reader.execute("PRAGMA journal_mode = DELETE")
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM events").fetchall()
    begun = time.monotonic()
    try:
        code = append(3 * BUSY_TIMEOUT_S).returncode
    except subprocess.TimeoutExpired:
        code = None
    took = time.monotonic() - begun
    if code is None:
        print(f"wrong: while a reader holds the store, append does not end within {took:.0f} s")
        status = 1
    elif took > BUSY_TIMEOUT_S + 1:
        print(f"wrong: while a reader holds the store, append takes {took:.1f} s to end with {code}")
        status = 1
    reader.execute("COMMIT")
    reader.close()
    after = append(20)
    if after.returncode != 0:
        print("wrong: after the reader has closed the store, append fails:", after.stderr.strip())
        status = 1
sys.exit(status)
