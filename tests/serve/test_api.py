#!/usr/bin/env python3
"""The HTTP API of `eventure serve`: every request, compared with the output of the command line; and hostile requests,
clients and stores, which must do no harm."""

import concurrent.futures
import contextlib
import json
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from serving import COMMITS, PROGRAM, PROJECTION, import_commits, import_history, run, serve

HOSTILE_TEXTS = ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "'; DROP TABLE events; --", "\u202eevil",
                 "a\u0000b", "\x1b[31m", "</textarea>", "javascript:alert(1)", "{{constructor}}", "\ud7ff\ue000\U0010ffff",
                 "../../etc/passwd", "%00", "\n\r\t", "x" * 200]


def change_one(lines):
    lines[200]["data"]["added"] = 777
    del lines[-1]


def raw(server, data, wait=5.0, then_close=False):
    """Sends bytes unchanged. Returns the answer up to the end of the connection, or until no bytes arrive for a
    while."""
    with socket.create_connection((server.host, server.port), timeout=wait) as client:
        client.sendall(data)
        if then_close:
            return b""
        answer = b""
        with contextlib.suppress(OSError):
            while piece := client.recv(65536):
                answer += piece
                if b"\r\n\r\n" in answer and b"Content-Length: " in answer:
                    head, body = answer.split(b"\r\n\r\n", 1)
                    length = int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0])
                    if len(body) >= length:
                        break
        return answer


class Api(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.folder = pathlib.Path(cls.stack.enter_context(tempfile.TemporaryDirectory(prefix="eventure-serve-")))
        cls.store, cls.other = cls.folder / "a.db", cls.folder / "b.db"
        import_commits(cls.store)
        import_commits(cls.other, change_one)
        run("save-point", "add", cls.store, "half", "--note", "a note")
        cls.lines = [json.loads(line) for line in COMMITS.read_text(encoding="utf-8").splitlines()]
        cls.server = cls.stack.enter_context(serve(cls.store, "--against", cls.other, "--projection", PROJECTION,
                                                   "--timeout-ms", "3000"))

    @classmethod
    def tearDownClass(cls):
        cls.stack.close()

    # Requests.

    def test_overview_equals_stats(self):
        stats = json.loads(run("stats", self.store, "--format", "json"))
        overview = self.server.get("overview")
        for name in ("events", "current_tick", "first_tick", "last_tick", "ticks_used"):
            self.assertEqual(overview[name], stats[name], name)
        digests = json.loads(run("digest", self.store, "--json"))
        self.assertIn(overview["digests"]["run"], json.dumps(digests))
        self.assertEqual(overview["save_points"][0]["name"], "half")
        self.assertEqual(overview["against"], "b.db")
        self.assertEqual(overview["projections"], ["source-tree"])
        types = self.server.get("types")["types"]
        self.assertEqual({one["type"]: one["count"] for one in types}, stats["count_by_type"])

    def test_densities_are_exact(self):
        ticks = [line["tick"] for line in self.lines]
        for low, high, bins in ((0, 30, 30), (0, 30, 7), (3, 29, 1), (5, 6, 100), (10, 2**62, 11), (40, 50, 10)):
            answer = self.server.get("timeline", **{"from": low, "to": high, "bins": bins})
            bins = min(bins, high - low)
            self.assertEqual(answer["bins"], bins)
            edges = [low + (high - low) // bins * i + (high - low) % bins * i // bins for i in range(bins + 1)]
            expected = [sum(edges[i] <= tick < edges[i + 1] for tick in ticks) for i in range(bins)]
            self.assertEqual(answer["counts"], expected)
            for pattern, fits in (("file.*", lambda name: name.startswith("file.")), ("commit.made", lambda name: name == "commit.made"),
                                  ("*.changed", lambda name: name.endswith(".changed")), ("*", lambda name: True), ("no.such", lambda name: False)):
                lane = self.server.get("timeline", **{"from": low, "to": high, "bins": bins, "type": pattern})
                self.assertEqual(lane["counts"], [sum(edges[i] <= line["tick"] < edges[i + 1] and fits(line["type"]) for line in self.lines)
                                                  for i in range(bins)], pattern)

    def test_density_by_order(self):
        answer = self.server.get("timeline", axis="seq", **{"from": 101, "to": 201, "bins": 10})
        self.assertEqual(answer["counts"], [10] * 10)
        self.assertEqual((answer["first_seq"], answer["last_seq"]), (101, 200))

    def test_events_page_through_all(self):
        seen, after = [], 0
        while after is not None:
            page = self.server.get("events", after=after, limit=100)
            seen += page["events"]
            after = page["next"]
        self.assertEqual([event["id"] for event in seen], [line["event_id"] for line in self.lines])
        self.assertEqual([json.loads(event["data"]) for event in seen], [line["data"] for line in self.lines])
        self.assertEqual([event["seq"] for event in seen], list(range(1, 433)))

    def test_events_by_filter(self):
        def ids(**parameters):
            return [event["id"] for event in self.server.get("events", limit=1000, **parameters)["events"]]

        def expected(fits):
            return [line["event_id"] for line in self.lines if fits(line)]

        self.assertEqual(ids(type="file.*"), expected(lambda line: line["type"].startswith("file.")))
        self.assertEqual(ids(data="path=CMakeLists.txt"), expected(lambda line: line["data"].get("path") == "CMakeLists.txt"))
        self.assertEqual(ids(data="added>500"), expected(lambda line: line["data"].get("added", 0) > 500))
        self.assertEqual(ids(text="bus.h"), expected(lambda line: "bus.h" in json.dumps(line)))
        self.assertEqual(ids(**{"from": 5, "to": 7}), expected(lambda line: 5 <= line["tick"] < 7))
        self.assertEqual(ids(reverse=1), expected(lambda line: True)[::-1])
        self.assertEqual(ids(since=self.lines[-1]["timestamp"]), expected(lambda line: line["timestamp"] >= self.lines[-1]["timestamp"]))

    def test_a_page_of_large_events_goes_on(self):
        store = self.folder / "large.db"
        lines = [json.dumps({"tick": 0, "timestamp": 0, "type": "a", "data": {"x": "y" * 70000}, "event_id": f"e{n}", "parent_id": None})
                 for n in range(400)]
        run("import", store, "-", input="\n".join(lines) + "\n")
        with serve(store) as server:
            seen, after, pages = [], 0, 0
            while after is not None:
                page = server.get("events", after=after, limit=1000, data_max=65536)
                seen += [event["seq"] for event in page["events"]]
                after, pages = page["next"], pages + 1
            self.assertEqual(seen, list(range(1, 401)))
            self.assertGreater(pages, 2)
            self.assertEqual(len(server.get("event", seq=1)["data"]), 65536)
            self.assertEqual(len(json.loads(server.get("event", seq=1, full=1)["data"])["x"]), 70000)

    def test_relations(self):
        root = self.server.get("event", seq=1)
        self.assertEqual(root["children"], 33)
        self.assertEqual(root["time"], "2026-11-23T21:59:00Z")
        children = self.server.get("children", id=root["id"], limit=20)
        self.assertEqual((children["count"], len(children["events"]), children["more"]), (33, 20, True))
        rest = self.server.get("children", id=root["id"], limit=20, after=children["next"])
        self.assertEqual((len(rest["events"]), rest["more"]), (13, False))
        cascade = self.server.get("cascade", id=root["id"], count=1, limit=1000)
        self.assertEqual((cascade["count"], len(cascade["events"])), (432, 432))
        last = self.server.get("event", seq=432)
        up = self.server.get("ancestors", id=last["id"], limit=1000)
        self.assertEqual((up["root"], up["depth"], len(up["events"])), (root["id"], 29, 29))
        self.assertEqual([one["depth"] for one in up["events"]], list(range(1, 30)))

    def test_state_equals_the_command_line(self):
        for tick in (29, 3, 20, 4, 5, 6, 1, 100):
            expected = json.loads(run("state", self.store, "--projection", PROJECTION, "--at", tick, "--format", "json"))
            answer = self.server.get("state", projection="source-tree", tick=tick, limit=1000)
            for table in answer["tables"]:
                rows = [dict(zip(table["columns"], row["cells"])) for row in table["rows"]]
                self.assertEqual(sorted(map(str, rows)), sorted(map(str, expected[table["name"]])), (tick, table["name"]))

    def test_state_names_what_changed(self):
        table = self.server.get("state", tick=5, since=4, changed=1, causes=1)
        files = next(one for one in table["tables"] if one["name"] == "file")
        lines = {line["data"]["path"]: line for line in self.lines if line["tick"] == 5 and line["type"].startswith("file.")}
        self.assertEqual({row["cells"][0] for row in files["rows"] if row["mark"] != "removed"},
                         {path for path, line in lines.items() if line["type"] != "file.removed"})
        for row in files["rows"]:
            if row["mark"] != "removed":
                self.assertEqual(table["causes"][row["change"]]["id"], lines[row["cells"][0]]["event_id"])

    def test_rows_of_unusual_tables_are_compared(self):
        """A column has the name of the mark or of the rowid, or is generated; values have no plain literal in SQL."""
        store, projection = self.folder / "odd.db", self.folder / "odd.sql"
        projection.write_text("""-- @setup
CREATE TABLE marked (id INTEGER PRIMARY KEY, mark TEXT, v);
CREATE TABLE plain (rowid, v);
CREATE TABLE lettered (id INTEGER PRIMARY KEY, v TEXT COLLATE NOCASE, upper TEXT AS (upper(v)));
INSERT INTO marked VALUES (1, 'x', 0), (2, '', 0);
INSERT INTO plain VALUES (1, 0), (1, 1);
INSERT INTO lettered (id, v) VALUES (1, 'a');
-- @on a.b
UPDATE marked SET v = v + 1 WHERE id = 1;
UPDATE plain SET v = 5 WHERE v = 1;
UPDATE lettered SET v = 'A';
INSERT INTO marked VALUES (3, 'blob', x'6100'), (4, 'inf', 9e999), (5, '-inf', -9e999), (6, 'nul', 'a' || char(0) || 'b'),
    (7, 'quote', 'it''s'), (8, 'real', 0.1), (9, 'null', NULL), (10, 'int', -9223372036854775808);
""")
        run("import", store, "-", input="".join(
            json.dumps({"tick": tick, "timestamp": 1.0, "type": type, "data": {}}) + "\n"
            for tick, type in ((0, "a.a"), (1, "a.b"), (1, "a.c"))))
        with serve(store, "--projection", projection) as server:
            for changed in (0, 1):
                answer = server.get("state", tick=1, since=0, changed=changed, causes=1)
                tables = {one["name"]: one for one in answer["tables"]}
                causes = {name: [(row["cells"][0], row["mark"], answer["causes"][row["change"]]["type"])
                                 for row in one["rows"] if row["mark"]] for name, one in tables.items()}
                self.assertEqual(causes, {"marked": [(1, "changed", "a.b")] + [(i, "added", "a.b") for i in range(3, 11)],
                                          "plain": [(1, "changed", "a.b")], "lettered": [(1, "changed", "a.b")]})
                kept = [row["cells"] for one in tables.values() for row in one["rows"] if not row["mark"]]
                self.assertEqual(kept, [[2, "", 0], [1, 0]] if not changed else [], changed)
                self.assertEqual((tables["marked"]["changed"], tables["plain"]["changed"]), (9, 1))
                self.assertEqual((tables["lettered"]["columns"], tables["lettered"]["rows"][0]["cells"]),
                                 (["id", "v", "upper"], [1, "A", "A"]))

    def test_diff(self):
        first = self.server.get("diff")
        self.assertEqual((first["differ"], first["tick"], first["common_seq"]), (True, 12, 200))
        self.assertEqual(json.loads(first["b"]["data"])["added"], 777)
        second = self.server.get("diff", after=12)
        self.assertEqual((second["differ"], second["tick"], second["b"]), (True, 29, None))
        self.assertFalse(self.server.get("diff", after=29)["differ"])
        state = self.server.get("state", tick=12, against=1, changed=1)
        files = next(one for one in state["tables"] if one["name"] == "file")
        self.assertEqual([row["cells"][0] for row in files["rows"]], ["src/event/line.c"])

    def test_sql(self):
        answer = self.server.get("sql", q="SELECT 1, 2.5, NULL, 'x', x'0a0b', 9007199254740993, -9223372036854775808")
        self.assertEqual(answer["rows"], [[1, 2.5, None, "x", {"blob": "0a0b", "bytes": 2}, "9007199254740993", "-9223372036854775808"]])
        status, answer = self.server.ask("sql", "POST", b"SELECT count(*) FROM events")
        self.assertEqual((status, answer["rows"]), (200, [[432]]))
        answer = self.server.get("sql", q="SELECT seq FROM events", limit=10)
        self.assertEqual((len(answer["rows"]), answer["more"]), (10, True))
        self.assertIn("SCAN", self.server.get("sql", q="SELECT * FROM events", plan=1)["plan"][0]["detail"])
        self.assertEqual(self.server.get("sql", q="SELECT count(*) FROM event_cascade('1-AAFA-1')")["rows"], [[432]])
        self.assertIn("events", [one["name"] for one in self.server.get("schema")["tables"]])

    def test_sql_only_reads(self):
        before = self.store.read_bytes()
        for text in ("DELETE FROM events", "INSERT INTO save_point VALUES ('x', 1, 1, NULL, 1)", "DROP TABLE events", "VACUUM",
                     "ATTACH 'x.db' AS x", "PRAGMA journal_mode = DELETE", "PRAGMA writable_schema = 1", "BEGIN IMMEDIATE",
                     "CREATE TEMP TABLE t (x)", "SELECT load_extension('x')", "REINDEX", "SELECT 1; DELETE FROM events",
                     f"VACUUM INTO '{self.folder}/new.db'", f"SELECT writefile('{self.folder}/new', 'x')", "SELECT readfile('/etc/passwd')",
                     "UPDATE store SET uuid = 'x'", "", "-- nothing", "SELECT", "\x01"):
            status, answer = self.server.ask("sql", "POST", text.encode())
            self.assertIn(status, (400, 403), text)
            self.assertIn("error", answer)
        self.assertEqual(self.store.read_bytes(), before)
        self.assertEqual(list(self.folder.glob("new*")), [])

    def test_sql_ends_in_time(self):
        for text in ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
                     "SELECT count(*) FROM events a, events b, events c, events d"):
            begin = time.monotonic()
            status, answer = self.server.ask("sql", q=text)
            self.assertEqual((status, answer["error"]["code"]), (503, "time-limit"))
            self.assertLess(time.monotonic() - begin, 30)

    def test_sql_ends_in_memory(self):
        for text in ("SELECT randomblob(1000000000)", "SELECT zeroblob(999999999) || 'x'", "SELECT replace(printf('%.1000000c', 'x'), 'x', printf('%.1000c', 'y'))",
                     "SELECT group_concat(a.data || b.data || c.data) FROM events a, events b, events c"):
            status, _ = self.server.ask("sql", q=text)
            self.assertIn(status, (400, 413, 503), text)
        status, answer = self.server.ask("sql", q="SELECT printf('%.4000c', 'x') FROM events a, events b", limit=10000)
        self.assertEqual(status, 200)
        self.assertLess(len(answer["rows"]), 10000)
        self.assertLess(self.resident_bytes(), 400e6)

    def resident_bytes(self):
        status = pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text(encoding="ascii")
        return int(status.split("VmRSS:")[1].split()[0]) * 1024

    def test_work_ends_when_the_client_goes(self):
        with serve(self.store, "--timeout-ms", "600000") as server:
            query = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT count(*) FROM n".replace(" ", "%20").replace("+", "%2B")
            request = f"GET /api/sql?token={server.token}&q={query} HTTP/1.1\r\nHost: {server.host}:{server.port}\r\n\r\n"
            clients = [socket.create_connection((server.host, server.port)) for _ in range(6)]
            for client in clients:
                client.sendall(request.encode())
            time.sleep(0.3)
            for client in clients:
                client.close()
            # All workers were busy; this request is answered only when one of them has finished.
            self.assertEqual(server.get("overview")["events"], 432)

    def test_live(self):
        store = self.folder / "live.db"
        import_commits(store)
        with serve(store) as server, socket.create_connection((server.host, server.port), timeout=60) as client:
            client.sendall(f"GET /api/live?token={server.token} HTTP/1.1\r\nHost: {server.host}:{server.port}\r\n\r\n".encode())
            stream = client.makefile("rb")

            def message():
                while not (line := stream.readline()).startswith(b"data: "):
                    self.assertNotEqual(line, b"")
                return json.loads(line[6:])

            self.assertEqual(message()["last_seq"], 432)
            run("append", store, "a.b", "{}")
            self.assertEqual(message()["last_seq"], 433)
            store.unlink()
            self.assertEqual(message()["code"], "gone")

    def test_wrong_parameters(self):
        for path, parameters in (("events", {"limit": 0}), ("events", {"limit": 1001}), ("events", {"from": -1}), ("events", {"type": "a*b*c"}),
                                 ("events", {"data": "nothing"}), ("events", {"data": "a=[1"}), ("events", {"since": "yesterday"}), ("events", {"after": "9" * 30}),
                                 ("event", {}), ("event", {"seq": "x"}), ("timeline", {"bins": 0}), ("timeline", {"bins": 5000}),
                                 ("timeline", {"from": 5, "to": 5}), ("timeline", {"axis": "z"}), ("timeline", {"type": "**"}),
                                 ("state", {"tick": -2}), ("state", {"store": "b", "against": 1}), ("state", {"tick": "1e3"}), ("diff", {"after": "z"}), ("sql", {}),
                                 ("events", {"store": "c"}), ("overview", {"store": "../a"})):
            status, answer = self.server.ask(path, **parameters)
            self.assertEqual((status, answer["error"]["code"] in ("bad-parameter", "sql")), (400, True), (path, parameters, answer))
        for path, parameters in (("event", {"id": "no"}), ("event", {"seq": 999}), ("children", {"id": "no"}), ("ancestors", {"id": "no"}),
                                 ("cascade", {"id": "no"}), ("state", {"projection": "no"}), ("nothing", {}), ("", {}), ("events/", {})):
            status, answer = self.server.ask(path, **parameters)
            self.assertEqual((status, "error" in answer), (404, True), (path, parameters, answer))

    # Access control.

    def test_token(self):
        for token in ("", "x", self.server.token[:-1], self.server.token + "0", self.server.token.upper() + "Z", "0" * 48):
            for path in ("/api/overview", "/api/live", "/", "/index.html", "/api/nothing"):
                response, content = self.server.request(f"{path}?token={token}")
                self.assertEqual(response.status, 403, (path, token))
                self.assertNotIn(b"432", content)
        response, _ = self.server.request("/api/overview", headers={"Authorization": f"Bearer {self.server.token}"})
        self.assertEqual(response.status, 200)
        with serve(self.store) as second:
            self.assertNotEqual(second.token, self.server.token)
            self.assertEqual(second.request(f"/api/overview?token={self.server.token}")[0].status, 403)

    def test_host(self):
        good, port = f"/api/overview?token={self.server.token}", self.server.port
        for host in (f"127.0.0.1:{port}", f"localhost:{port}", f"LOCALHOST:{port}", f"[::1]:{port}"):
            self.assertEqual(self.server.request(good, headers={"Host": host})[0].status, 200, host)
        for host in ("evil.test", f"evil.test:{port}", "127.0.0.1", f"127.0.0.1:{port + 1}", f"127.0.0.1.evil.test:{port}", f"localhost.:{port}",
                     f"10.0.0.1:{port}", f"0.0.0.0:{port}", f"127.0.0.1:{port}x", f"127.0.0.1:{port}:80", f"user@127.0.0.1:{port}", "x" * 300, "[", "[]:1"):
            self.assertEqual(self.server.request(good, headers={"Host": host})[0].status, 403, host)
        self.assertIn(b" 400 ", raw(self.server, f"GET {good} HTTP/1.1\r\n\r\n".encode()).split(b"\r\n")[0])
        twice = f"GET {good} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nHost: 127.0.0.1:{port}\r\n\r\n"
        self.assertIn(b" 400 ", raw(self.server, twice.encode()).split(b"\r\n")[0])

    def test_origin(self):
        good, port = f"/api/overview?token={self.server.token}", self.server.port
        own = {"Host": f"127.0.0.1:{port}"}
        self.assertEqual(self.server.request(good, headers={**own, "Origin": f"http://127.0.0.1:{port}"})[0].status, 200)
        for origin in ("http://evil.test", "null", f"https://127.0.0.1:{port}", f"http://localhost:{port}", f"http://127.0.0.1:{port + 1}",
                       f"http://127.0.0.1:{port}/", "file://", ""):
            response, _ = self.server.request(good, headers={**own, "Origin": origin})
            self.assertEqual(response.status, 403, origin)
            self.assertIsNone(response.getheader("Access-Control-Allow-Origin"))

    def test_headers_of_answers(self):
        for path in (f"/?token={self.server.token}", "/app.js", "/style.css", f"/api/overview?token={self.server.token}", "/nothing"):
            response, _ = self.server.request(path)
            policy = response.getheader("Content-Security-Policy")
            self.assertIn("default-src 'none'", policy)
            self.assertNotIn("unsafe", policy)
            self.assertEqual(response.getheader("X-Content-Type-Options"), "nosniff")
            self.assertEqual(response.getheader("Referrer-Policy"), "no-referrer")
            self.assertIsNone(response.getheader("Access-Control-Allow-Origin"))

    def test_page_has_no_inline_code(self):
        _, content = self.server.request(f"/?token={self.server.token}")
        page = content.decode()
        self.assertNotRegex(page, r"<script(?![^>]*src=)|<style| style=| on[a-z]+=")
        self.assertNotRegex(page, r"https?://")

    def test_methods(self):
        good = f"/api/overview?token={self.server.token}"
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND", "X"):
            self.assertEqual(self.server.request(good, method)[0].status, 405, method)
        response, content = self.server.request(good, "HEAD")
        self.assertEqual((response.status, content), (200, b""))

    def test_paths_lead_nowhere(self):
        for path in ("/../etc/passwd", "/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/app.js/", "/./app.js", "/api/../app.js",
                     "/app.js%2f", "/a.db", "/web/app.js", "/app.js/../../a.db", "/\\..\\a.db", "/api", "/API/overview", "/.git/config", "/%", "/%zz"):
            response, content = self.server.request(path + f"?token={self.server.token}")
            self.assertIn(response.status, (400, 403, 404), path)
            self.assertNotIn(b"root:", content)
            self.assertNotIn(b"SQLite format", content)

    # Clients that behave badly.

    def test_broken_requests(self):
        token, port = self.server.token, self.server.port
        head = f"GET /api/overview?token={token} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        requests = [b"", b"\r\n\r\n", b"\x00" * 1000, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"GET " + b"/" * 100000,
                    head.encode() + b"X: " + b"y" * 1000000 + b"\r\n\r\n", head.encode() + b"".join(b"H%d: v\r\n" % n for n in range(20000)) + b"\r\n",
                    head.encode() + b"Content-Length: -1\r\n\r\n", head.encode() + b"Content-Length: 99999999999999999999\r\n\r\n",
                    head.encode() + b"Transfer-Encoding: chunked\r\n\r\nZZZ\r\n", head.encode() + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
                    head.encode() + b"NoColon\r\n\r\n", head.encode() + b" folded: x\r\n\r\n", head.encode() + b"X: \xff\xfe\r\n\r\n",
                    f"GET /api/overview?token={token}&a=%00 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode(),
                    f"GET /api/event?id=a%00b&token={token} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode(),
                    f"GET /api/events?{'type=a&' * 4000}token={token} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()]
        for request in requests:
            raw(self.server, request, wait=0.5)
            raw(self.server, request, then_close=True)
        for length in range(1, len(head), 7):
            raw(self.server, head[:length].encode(), then_close=True)
        self.assertEqual(self.server.get("overview")["events"], 432)

    def test_large_bodies(self):
        status, _ = self.server.ask("sql", "POST", b"SELECT 1 -- " + b"x" * 60000)
        self.assertEqual(status, 200)
        for body in (b"x" * 70000, b"x" * 3000000):
            status, _ = self.server.ask("sql", "POST", body)
            self.assertEqual(status, 413)
        status, _ = self.server.ask("sql", "POST", b"SELECT 1\x00, 2")
        self.assertEqual(status, 400)

    def test_many_connections(self):
        clients = [socket.create_connection((self.server.host, self.server.port)) for _ in range(200)]
        try:
            for client in clients[::2]:
                client.sendall(b"GET /api/overview HTTP/1.1\r\nHo")
            self.assertEqual(self.server.get("overview")["events"], 432)
        finally:
            for client in clients:
                client.close()
        with concurrent.futures.ThreadPoolExecutor(40) as pool:
            answers = list(pool.map(lambda n: self.server.ask("events", after=n, limit=10)[0], range(200)))
        self.assertEqual(set(answers), {200})

    def test_slow_reader(self):
        token, port = self.server.token, self.server.port
        clients = []
        for _ in range(20):
            client = socket.create_connection((self.server.host, self.server.port))
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            client.sendall(f"GET /api/events?limit=1000&token={token} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
            clients.append(client)
        self.assertEqual(self.server.get("overview")["events"], 432)
        for client in clients:
            client.close()

    # Stores.

    def test_hostile_texts(self):
        store = self.folder / "hostile.db"
        lines = []
        for n, text in enumerate(HOSTILE_TEXTS):
            kind = "".join(c for c in text if c != "\0") or "x"
            lines.append(json.dumps({"tick": n, "timestamp": 1e9, "type": kind[:200], "data": {text: text, "n": 12345678901234567890},
                                     "event_id": f"{n}{kind[:100]}", "parent_id": None if n == 0 else f"outside{kind[:50]}"}))
        run("import", store, "-", "--external-parents", input="\n".join(lines) + "\n")
        with serve(store) as server:
            events = server.get("events", data_max=65536)["events"]
            self.assertEqual(len(events), len(lines))
            for event, line in zip(events, lines):
                self.assertEqual(event["id"], json.loads(line)["event_id"])
                self.assertEqual(json.loads(event["data"]), json.loads(line)["data"])
                self.assertIn("12345678901234567890", event["data"])
                found = server.get("event", id=event["id"])
                self.assertEqual(found["seq"], event["seq"])
                server.get("ancestors", id=event["id"])
                self.assertEqual(sum(server.get("timeline", **{"type": event["type"]})["counts"]) if "*" not in event["type"] else 1, 1)

    def test_extreme_numbers(self):
        store = self.folder / "extreme.db"
        lines = [json.dumps({"tick": tick, "timestamp": 0, "type": "a", "data": {}, "event_id": f"e{tick}", "parent_id": None})
                 for tick in (0, 2**53 - 1, 2**53 + 1, 2**63 - 2)]
        run("import", store, "-", input="\n".join(lines) + "\n")
        with serve(store) as server:
            self.assertEqual(server.get("overview")["last_tick"], str(2**63 - 2))
            self.assertEqual([event["tick"] for event in server.get("events")["events"]], [0, 2**53 - 1, str(2**53 + 1), str(2**63 - 2)])
            self.assertEqual(sum(server.get("timeline", bins=4096)["counts"]), 4)
            self.assertEqual(server.get("timeline", **{"from": 2**53 + 1, "to": 2**53 + 2, "bins": 1})["counts"], [1])

    def test_damaged_stores(self):
        whole = self.store.read_bytes()
        for number, (at, count) in enumerate(((5000, 3000), (20000, 4096), (60000, 20000), (100, 50), (40960, 90000))):
            store = self.folder / f"damaged{number}.db"
            store.write_bytes(whole)
            with serve(store, "--timeout-ms", "5000") as server:
                server.get("overview")
                with open(store, "r+b") as file:
                    file.seek(at)
                    file.write(bytes((n * 37 + number) % 256 for n in range(count)))
                for path, parameters in (("overview", {}), ("types", {}), ("timeline", {"type": "*"}), ("events", {"limit": 1000}), ("event", {"seq": 300}),
                                         ("children", {"seq": 1}), ("cascade", {"id": "1-AAFA-1", "count": 1}), ("ancestors", {"id": "29-AAFA-1"}),
                                         ("sql", {"q": "SELECT * FROM events"}), ("verify", {})):
                    status, answer = server.ask(path, **parameters)
                    self.assertTrue(status == 200 or "error" in answer, (path, answer))
                self.assertIsNone(server.process.poll())

    def test_store_goes_while_it_is_shown(self):
        store = self.folder / "goes.db"
        import_commits(store)
        with serve(store, "--projection", PROJECTION) as server:
            server.get("state", tick=3)
            store.rename(self.folder / "went.db")
            for path in ("overview", "events", "state"):
                status, answer = server.ask(path)
                self.assertEqual((status, answer["error"]["code"]), (500, "gone"), path)
            import_commits(store, change_one)
            self.assertEqual(server.get("overview")["events"], 431)
            rows = server.get("state", tick=12, table="file", limit=1000)["tables"][0]["rows"]
            self.assertIn(["src/event/line.c", 777], [row["cells"] for row in rows])
            store.write_bytes(b"not a store file" * 1000)
            self.assertEqual(server.ask("overview")[0], 500)

    def test_archived(self):
        store = self.folder / "archived.db"
        import_commits(store)
        run("archive", store, self.folder / "archive.db", "--before", "10")
        with serve(store) as server:
            overview = server.get("overview")
            self.assertEqual(overview["archives"][0]["before_tick"], 10)
            self.assertEqual(sum(server.get("timeline", bins=100)["counts"]), overview["events"])
            status, answer = server.ask("event", id="9-AAFA-1")
            self.assertEqual((status, answer["error"]["code"]), (410, "archived"))

    def test_nothing_is_left_beside_the_store(self):
        store = self.folder / "alone.db"
        import_commits(store)
        before = store.read_bytes()
        with serve(store, "--projection", PROJECTION) as server:
            for path in ("overview", "types", "timeline", "events", "state", "verify", "schema"):
                server.get(path)
        self.assertEqual([one.name for one in self.folder.glob("alone.db*")], ["alone.db"])
        self.assertEqual(store.read_bytes(), before)

    def test_a_writer_is_not_in_the_way(self):
        store = self.folder / "written.db"
        import_commits(store)
        with serve(store, "--projection", PROJECTION) as server:
            for n in range(10):
                server.get("state", tick=29)
                run("append", store, "file.added", json.dumps({"path": f"p{n}", "added": 1, "removed": 0}))
                self.assertEqual(server.get("overview")["events"], 433 + n)
            # There is no read transaction between two requests, so each log restarts the write-ahead log at its
            # beginning. Without that, ten logs together would write about 450 KB.
            self.assertLess(sum(one.stat().st_size for one in self.folder.glob("written.db-wal")), 150000)

    # The command.

    def test_start_fails_in_words(self):
        broken = self.folder / "broken.sql"
        broken.write_text("-- @on x\nNO SQL;\n")
        for arguments, code, text in ((["nothing.db"], 3, "nothing.db"), ([], 2, "DB is missing"), ([self.store, "--port", "70000"], 2, "port"),
                                      ([self.store, "--timeout-ms", "9" * 18], 2, "milliseconds"),
                                      ([self.store, "--listen", "example"], 2, "--listen example is not an IPv4 or IPv6 address"), ([self.store, "--projection", broken], 1, "broken.sql"),
                                      ([self.store, "--against", "no.db"], 3, "no.db"), ([COMMITS], 3, "commits.jsonl"),
                                      ([self.store, "--port", self.server.port], 3, "listen")):
            done = subprocess.run([PROGRAM, "serve", *map(str, arguments)], capture_output=True, text=True, timeout=60, cwd=self.folder)
            self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
            self.assertIn(text, done.stderr)

    def test_signals_end_it(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process = subprocess.Popen([PROGRAM, "serve", str(self.store)], stdout=subprocess.PIPE, text=True)
            self.assertTrue(process.stdout.readline().startswith("http://127.0.0.1:"))
            process.send_signal(number)
            self.assertEqual(process.wait(60), 0)
            process.stdout.close()

    def test_listen_on_another_address(self):
        with serve(self.store, "--listen", "0.0.0.0") as server:
            self.assertEqual(server.get("overview")["events"], 432)
            good = f"/api/overview?token={server.token}"
            self.assertEqual(server.request(good, headers={"Host": f"192.0.2.1:{server.port}"})[0].status, 200)
            self.assertEqual(server.request(good, headers={"Host": f"evil.test:{server.port}"})[0].status, 403)

    def test_a_real_history(self):
        store = self.folder / "real.db"
        import_history(store, "hearthstone-small")
        stats = json.loads(run("stats", store, "--format", "json"))
        with serve(store) as server:
            self.assertEqual(sum(server.get("timeline")["counts"]), stats["events"])
            self.assertEqual({one["type"]: one["count"] for one in server.get("types")["types"]}, stats["count_by_type"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
