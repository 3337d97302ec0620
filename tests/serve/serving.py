"""Stores to show, and a running `eventure serve`. EVENTURE names the program, EVENTURE_SOURCE the source tree."""

import contextlib
import http.client
import json
import lzma
import os
import pathlib
import signal
import subprocess
import tempfile
import urllib.parse

PROGRAM = os.environ["EVENTURE"]
SOURCE = pathlib.Path(os.environ.get("EVENTURE_SOURCE", pathlib.Path(__file__).parents[2]))
COMMITS = SOURCE / "examples" / "data" / "eventure-commits.jsonl"
PROJECTION = SOURCE / "examples" / "data" / "source-tree.sql"
WAIT_SECONDS = 60
# The address sanitizer keeps freed memory, 256 MiB by default, which would count as memory of the server.
ENVIRONMENT = {**os.environ, "ASAN_OPTIONS": f"{os.environ.get('ASAN_OPTIONS', '')}:quarantine_size_mb=16".lstrip(":")}


def run(*arguments, **options):
    """Runs the program; it must end with 0."""
    return subprocess.run([PROGRAM, *map(str, arguments)], check=True, capture_output=True, text=True, **options).stdout


def import_commits(store, change=None):
    """The example history. `change` is applied to the list of its events."""
    lines = [json.loads(line) for line in COMMITS.read_text(encoding="utf-8").splitlines()]
    if change is not None:
        change(lines)
    run("import", store, "-", input="".join(json.dumps(line) + "\n" for line in lines))


def import_history(store, name):
    """One of the small real histories of tests/data/histories."""
    path = SOURCE / "tests" / "data" / "histories" / f"{name}.jsonl.xz"
    run("import", store, "-", input=lzma.decompress(path.read_bytes()).decode())


class Server:
    """A running server. `ask` returns the status and the body, which is JSON unless `raw`."""

    def __init__(self, process, link):
        self.process = process
        self.link = link
        parts = urllib.parse.urlsplit(link)
        self.host, self.port = parts.hostname, parts.port
        self.token = urllib.parse.parse_qs(parts.query)["token"][0]

    def request(self, target, method="GET", headers=None, body=None):
        connection = http.client.HTTPConnection(self.host, self.port, timeout=WAIT_SECONDS)
        connection.request(method, target, body=body, headers=headers or {})
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return response, content

    def ask(self, path, method="GET", body=None, **parameters):
        query = urllib.parse.urlencode({**parameters, "token": self.token})
        response, content = self.request(f"/api/{path}?{query}", method, body=body)
        return response.status, json.loads(content)

    def get(self, path, **parameters):
        """Returns an answer, whose status must be 200."""
        status, body = self.ask(path, **parameters)
        assert status == 200, (path, parameters, status, body)
        return body


@contextlib.contextmanager
def serve(store, *options):
    """Starts a server, and ends it as Ctrl-C does; it must then end with 0, and must not have printed anything."""
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen([PROGRAM, "serve", str(store), *map(str, options)], stdout=subprocess.PIPE,
                                   stderr=errors, text=True, env=ENVIRONMENT)
        link = process.stdout.readline().strip()
        try:
            if not link:
                process.wait(WAIT_SECONDS)
                errors.seek(0)
                raise AssertionError(f"no link: {errors.read()}")
            yield Server(process, link)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            code = process.wait(WAIT_SECONDS)
            process.stdout.close()
        errors.seek(0)
        said = errors.read()
        assert code == 0, (code, said)
        assert said == "", said
