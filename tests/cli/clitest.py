"""Shared by the tests of the command line: the path of the program, and scratch directories with the fixtures."""

import fcntl
import os
import pathlib
import shutil
import stat
import struct
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FIXTURES = HERE / "fixtures"
COMMANDS = ROOT / "tools" / "eventure" / "commands"
TIMEOUT_SECONDS = 120


def program():
    """The program under test, as EVENTURE names it."""
    path = os.environ.get("EVENTURE", "")
    if not os.access(path, os.X_OK):
        raise SystemExit("set EVENTURE to the path of the program under test")
    return pathlib.Path(path).resolve()


def environment(**more):
    """Returns an environment that does not depend on the user who runs the test."""
    env = {
        "PATH": f"{program().parent}:{HERE / 'bin'}:{os.environ.get('PATH', '/usr/bin:/bin')}",
        "LC_ALL": "C",
        "TZ": "UTC",
        "TERM": "xterm",
        "EVENTURE_PAGER": "",
        "QUESTIONS": str(HERE / "questions"),
        "FORMATS": str(ROOT / "tests" / "data" / "formats"),
    }
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "LLVM_PROFILE_FILE", "GCOV_PREFIX", "TMPDIR",
                 "LD_LIBRARY_PATH"):
        if name in os.environ:
            env[name] = os.environ[name]
    env.update(more)
    return {name: value for name, value in env.items() if value is not None}


F_OFD_GETLK = 36


def is_written(path):
    """Whether a log has the store open: its lock is described in docs/format.md."""
    if not path.exists():
        return False
    with open(path, "r+b") as store:
        lock = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 1 << 62, 1, 0)
        return struct.unpack("hhqqi4x", fcntl.fcntl(store, F_OFD_GETLK, lock))[0] != fcntl.F_UNLCK


class Scratch:
    """A scratch directory that contains the fixtures, or the same files as another one."""

    def __init__(self, origin=None):
        self.origin = origin

    def __enter__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="eventure-cli-"))
        shutil.copytree(self.origin.path if self.origin else FIXTURES, self.path, symlinks=True, dirs_exist_ok=True)
        return self

    def __exit__(self, *_):
        for directory, names, _files in os.walk(self.path):
            for name in names:
                path = os.path.join(directory, name)
                if not os.path.islink(path):
                    os.chmod(path, stat.S_IRWXU)
        shutil.rmtree(self.path, ignore_errors=True)

    def run(self, command, stdin=b"", **env):
        """Runs a line of shell; returns (exit code, stdout, stderr) with bytes."""
        done = subprocess.run(["sh", "-c", command], cwd=self.path, input=stdin, capture_output=True,
                              env=environment(**env), timeout=TIMEOUT_SECONDS, check=False)
        return done.returncode, done.stdout, done.stderr
