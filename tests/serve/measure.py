#!/usr/bin/env python3
"""Measures `eventure serve`: the time of requests, and, with a browser, first paint, pan and zoom, and live updates.

    EVENTURE=PROGRAM measure.py STORE [--projection FILE] [--cascade ID] [--no-browser]

Prints a Markdown table. STORE is only read; --live appends to a copy of it.
"""

import argparse
import json
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from serving import PROGRAM, serve

ROUNDS = 30


def p95(values):
    return sorted(values)[int(0.95 * (len(values) - 1))]


def timed(call):
    begin = time.perf_counter()
    call()
    return (time.perf_counter() - begin) * 1000


def resident(process, name="VmRSS"):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    return int(status.split(f"{name}:")[1].split()[0]) / 1024


def show(what, value, unit="ms"):
    print(f"| {what} | {value:.1f} {unit} |", flush=True)


def measure_questions(server, options):
    overview = server.get("overview")
    last = int(overview["last_tick"])
    cases = [("overview", {}), ("timeline", {"bins": 1000}), ("types", {}), ("event", {"seq": overview["last_seq"] // 2}),
             ("events", {"after": overview["last_seq"] // 2, "limit": 100})]
    types = server.get("types")["types"]
    most = max(types, key=lambda one: one["count"])["type"]
    cases += [("timeline", {"bins": 1000, "type": most}),
              ("timeline", {"bins": 256, "from": last // 2, "to": last // 2 + 256, "type": most})]
    if options.cascade:
        cases += [("ancestors", {"id": options.cascade}), ("children", {"id": options.cascade, "limit": 100}),
                  ("cascade", {"id": options.cascade, "limit": 60}), ("cascade", {"id": options.cascade, "limit": 1, "count": 1})]
    for path, parameters in cases:
        values = [timed(lambda: server.get(path, **parameters)) for _ in range(ROUNDS)]
        show(f"{path} {json.dumps(parameters)}: median", statistics.median(values))
    if options.projection:
        values = []
        for n in range(ROUNDS):
            tick = (n * 7919 + 13) * last // (ROUNDS * 7919 + 13)
            values.append(timed(lambda: server.get("state", tick=tick, since=tick - 1)))
        show("state at a tick, with the one before: median", statistics.median(values))
        show("state at a tick, with the one before: p95", p95(values))
        values = [timed(lambda: server.get("state", tick=(n * 7919) % last)) for n in range(ROUNDS)]
        show("state at a tick alone: p95", p95(values))
    show("memory of the server", resident(server.process), "MiB")
    show("memory of the server at its highest", resident(server.process, "VmHWM"), "MiB")


def measure_browser(server):
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service
    options = Options()
    options.binary_location = shutil.which("chromium")
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1200,1000"):
        options.add_argument(argument)
    browser = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
    browser.set_script_timeout(300)
    try:
        paints = []
        for _ in range(5):
            browser.get("about:blank")
            browser.get(server.link)
            # The overview strip and the counts are complete when the header has its figures, and the canvas its exact
            # counts.
            paints.append(browser.execute_async_script("""
                const done = arguments[0];
                const look = () => document.getElementById('timeline')?.dataset.exact && document.getElementById('figures').textContent
                  ? done(performance.now()) : setTimeout(look, 2);
                look();"""))
        show("first useful paint (exact counts of the whole run), median of 5", statistics.median(paints))
        frames = browser.execute_async_script("""
            const done = arguments[0];
            const canvas = document.getElementById('timeline');
            const box = canvas.getBoundingClientRect();
            const times = [];
            let n = 0;
            const next = () => {
              if (n++ === 150) { done(times); return; }
              const begin = performance.now();
              canvas.dispatchEvent(new WheelEvent('wheel', {deltaY: n % 50 < 25 ? -60 : 60, deltaX: n % 7 === 0 ? 300 : 0,
                clientX: box.left + 300 + n * 3, clientY: box.top + 80, bubbles: true, cancelable: true}));
              requestAnimationFrame(() => setTimeout(() => { times.push(performance.now() - begin); setTimeout(next, 20); }));
            };
            next();""")
        show("wheel to painted frame: median of 150", statistics.median(frames))
        show("wheel to painted frame: p95", p95(frames))
        loaded = browser.execute_script("return performance.getEntriesByType('resource').filter(r => !r.name.includes('/api/'))"
                                        ".reduce((sum, r) => sum + r.decodedBodySize, document.documentElement.outerHTML.length)")
        show("all that the page loads", loaded / 1024, "KiB")
    finally:
        browser.quit()


def measure_live(store):
    """Measures the time from the end of `eventure append`, which is after its commit, to the message; negative when the
    message came before that end."""
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / "live.db"
        subprocess.run([PROGRAM, "copy", str(store), str(copy)], check=True)
        with serve(copy) as server, socket.create_connection((server.host, server.port)) as client:
            client.sendall(f"GET /api/live?token={server.token} HTTP/1.1\r\nHost: {server.host}:{server.port}\r\n\r\n".encode())
            times, came = [], threading.Event()
            arrivals = []

            def read():
                for line in client.makefile("rb"):
                    if line.startswith(b"data: "):
                        arrivals.append(time.perf_counter())
                        came.set()

            threading.Thread(target=read, daemon=True).start()
            came.wait(60)
            for _ in range(15):
                came.clear()
                time.sleep(0.3)
                subprocess.run([PROGRAM, "append", str(copy), "a.b", "{}"], check=True, capture_output=True)
                committed = time.perf_counter()
                came.wait(60)
                times.append((arrivals[-1] - committed) * 1000)
            show("live: from the end of the writer to the message, worst of 15", max(times))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store")
    parser.add_argument("--projection")
    parser.add_argument("--cascade", help="the id of an event with a large cascade")
    parser.add_argument("--live", action="store_true")
    parser.add_argument("--no-browser", action="store_true")
    options = parser.parse_args()
    print("| measure | value |\n| --- | --- |")
    with serve(options.store, *(["--projection", options.projection] if options.projection else [])) as server:
        measure_questions(server, options)
        if not options.no_browser:
            measure_browser(server)
            show("memory of the server after the browser, at its highest", resident(server.process, "VmHWM"), "MiB")
    if options.live:
        measure_live(options.store)


if __name__ == "__main__":
    sys.exit(main())
