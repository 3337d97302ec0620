#!/usr/bin/env python3
"""Writes the history of a git repository as an Eventure history, in JSON Lines.

    git-history.py [REPOSITORY [COMMITS]] > history.jsonl

A commit is a tick. It is the event `commit.made`, caused by the commit before it; each file that it adds, changes or
removes is an event caused by it. With COMMITS, the first so many commits. Names and addresses of people are left out.
"""

import hashlib
import json
import subprocess
import sys


def type_hash(kind):
    """The letters that stand for a type in the ids of its events."""
    return "".join(c for c in hashlib.md5(kind.encode()).hexdigest() if c in "abcdef")[:4].upper()


class History:
    """Prints events, and counts them for their ids."""

    def __init__(self, out):
        self.out = out
        self.counts = {}

    def event(self, tick, timestamp, kind, data, parent):
        """Prints one event; returns its id."""
        key = (tick, type_hash(kind))
        self.counts[key] = self.counts.get(key, 0) + 1
        name = f"{tick}-{key[1]}-{self.counts[key]}"
        line = {"tick": tick, "timestamp": timestamp, "type": kind, "data": data, "event_id": name,
                "parent_id": parent}
        print(json.dumps(line, ensure_ascii=False), file=self.out)
        return name


def read_commits(repository):
    """(timestamp, subject, [(status, path, added, removed)]) of every commit, the oldest first."""
    log = ["git", "-C", repository, "log", "--first-parent", "--reverse", "--no-renames", "-m", "--raw", "--numstat",
           "-z", "--format=%x01%ct%x02%s%x02"]
    text = subprocess.run(log, check=True, capture_output=True, encoding="utf-8").stdout
    for commit in text.split("\1")[1:]:
        timestamp, subject, changes = commit.split("\2")
        statuses, files = {}, []
        words = [word for word in changes.strip("\0\n").split("\0") if word]
        while words:
            word = words.pop(0).strip("\n")
            if word.startswith(":"):
                statuses[words.pop(0)] = word.split()[-1]
            else:
                added, removed, path = word.split("\t")
                files.append((statuses[path], path, int(added.replace("-", "0")), int(removed.replace("-", "0"))))
        yield float(timestamp), subject, files


def main():
    """Converts the repository that is named."""
    repository = sys.argv[1] if len(sys.argv) > 1 else "."
    limit = int(sys.argv[2]) if len(sys.argv) > 2 else None
    history = History(sys.stdout)
    parent = None
    for tick, (timestamp, subject, files) in enumerate(read_commits(repository), 1):
        if limit is not None and tick > limit:
            break
        parent = history.event(tick, timestamp, "commit.made", {"subject": subject, "files": len(files)}, parent)
        for status, path, added, removed in files:
            kind = {"A": "file.added", "D": "file.removed"}.get(status, "file.changed")
            history.event(tick, timestamp, kind, {"path": path, "added": added, "removed": removed}, parent)


if __name__ == "__main__":
    main()
