#!/usr/bin/env python3
"""A store from another person contains terminal control sequences in its data. A command that shows the data on a
terminal must escape them."""
import os
import pty
import shutil
import signal
import subprocess
import sys
import tempfile

for tool in ("eventure", "sqlite3"):
    if shutil.which(tool) is None:
        print(f"cannot run: needs {tool}")
        sys.exit(77)
try:
    for end in pty.openpty():
        os.close(end)
except OSError:
    print("cannot run: needs a pseudo-terminal")
    sys.exit(77)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
status = 0

COMMANDS = ["log --json", "log", "export", "export --format cloudevents", "export --format chrome",
            "export --format csv", "export --format dot", "cascade", "sql", "info", "info --json"]
HOSTILE = """.dbconfig enable_trigger off
UPDATE events SET data = '{"x":' || char(27) || ']0;owned' || char(7) || '}' WHERE seq = 1;
UPDATE events SET data = '{"x":' || char(155) || '31m}' WHERE seq = 2;
UPDATE events SET data = '{"x":1}' || char(27) || '[31m' WHERE seq = 3;
INSERT INTO run_record (key, value, json) VALUES ('k' || char(155) || '31m' || char(127), 1, '"' || char(155) || '2J"');
"""
# The bytes that control a terminal: control characters except tab and line ends, and C1 characters in UTF-8.
RAW = [bytes([c]) for c in range(32) if c not in b"\t\n\r"] + [b"\x7f"] + [bytes([0xC2, c]) for c in range(0x80, 0xA0)]


def on_a_terminal(*command):
    child, terminal = pty.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # the progress line may use control sequences
        os.execvp(command[0], command)
    shown = b""
    try:
        while True:
            more = os.read(terminal, 65536)
            if not more:
                break
            shown += more
    except OSError:  # the other side has closed the terminal
        pass
    os.close(terminal)
    os.waitpid(child, 0)
    return shown


with tempfile.TemporaryDirectory() as work:
    os.chdir(work)
    os.environ["NO_COLOR"] = "1"
    for _ in range(3):
        subprocess.run(["eventure", "append", "g.db", "a.b"], stdout=subprocess.DEVNULL, check=True)
    subprocess.run(["sqlite3", "g.db"], input=HOSTILE.encode(), stdout=subprocess.DEVNULL, check=True)
    for text in COMMANDS:
        name, *options = text.split()
        operands = ["SELECT data FROM events"] if name == "sql" else []
        shown = on_a_terminal("eventure", name, *options, "g.db", *operands)
        raw = [sequence for sequence in RAW if sequence in shown]
        if raw:
            print(f"wrong: eventure {text} sends {', '.join(str(sequence)[2:-1] for sequence in raw)} to the terminal")
            status = 1
sys.exit(status)
