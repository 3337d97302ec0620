#!/usr/bin/env python3
"""The page of `eventure serve` in a real browser, used as by a person. Ends with 77 where there is no chromium, no
driver for it, or no selenium."""

import contextlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from serving import PROJECTION, import_commits, import_history, run, serve

try:
    from selenium import webdriver
    from selenium.common.exceptions import StaleElementReferenceException
    from selenium.webdriver import ActionChains
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import Select
except ImportError:
    print("skipped: there is no selenium for this Python (Debian: python3-selenium)")
    sys.exit(77)

CHROMIUM = shutil.which("chromium")
DRIVER = shutil.which("chromedriver")
WAIT_SECONDS = 90  # for a busy machine; a passing test needs only a fraction of this time
# axe-core is not in Debian: the test of accessibility runs where EVENTURE_AXE names its axe.min.js.
AXE = os.environ.get("EVENTURE_AXE")
BOT = os.environ.get("EVENTURE_TRADING_BOT")
GAME = os.environ.get("EVENTURE_ADVENTURE_GAME")
HOSTILE = '<img src=x onerror="document.title=1">'


def change_one(lines):
    """Changes the second run: another number in one event, and one event less in a later tick."""
    lines[200]["data"]["added"] = 777
    del lines[-1]


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory(prefix="eventure-serve-")
        folder = pathlib.Path(cls.scratch.name)
        cls.store, cls.other = folder / "a.db", folder / "b.db"
        import_commits(cls.store)
        import_commits(cls.other, change_one)
        run("save-point", "add", cls.store, "half <b>way</b>")
        options = Options()
        options.binary_location = CHROMIUM
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1200,1000",
                         f"--user-data-dir={folder / 'profile'}", f"--crash-dumps-dir={folder}"):
            options.add_argument(argument)
        options.add_experimental_option("prefs", {"download.default_directory": str(folder)})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        cls.browser = webdriver.Chrome(service=Service(DRIVER), options=options)
        cls.folder = folder

    @classmethod
    def tearDownClass(cls):
        cls.browser.quit()
        cls.scratch.cleanup()

    @contextlib.contextmanager
    def serving(self, store, *options):
        """Runs a server, during which the console of the page must show no errors except `allowed`."""
        with serve(store, *options) as server:
            self.browser.get_log("browser")
            yield server
            errors = [entry for entry in self.browser.get_log("browser") if entry["level"] == "SEVERE"]
            self.assertEqual([entry for entry in errors if not any(text in entry["message"] for text in self.allowed)], [])
            self.browser.get("about:blank")

    def setUp(self):
        self.allowed = ()

    # The actions of a person.

    def wait(self, condition, what):
        end = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                found = condition()
            except StaleElementReferenceException:
                found = None
            if found:
                return found
            if time.monotonic() > end:
                self.fail(f"{what}\n{self.find('body').text[:2000]}")
            time.sleep(0.05)

    def find(self, selector):
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def sees(self, selector, text):
        return self.wait(lambda: any(text in one.text for one in self.all(selector)), f"no {selector} with {text!r}")

    def press(self, *keys):
        ActionChains(self.browser).send_keys(*keys).perform()

    def open(self, server, fragment=""):
        self.browser.get("about:blank")
        self.browser.get(server.link + fragment)
        self.sees("#run", ".db")

    def address(self):
        return self.browser.execute_script("return location.hash")

    # Tests.

    def test_1_overview(self):
        with self.serving(self.store, "--projection", PROJECTION) as server:
            self.open(server, "#view=overview")
            self.sees("dd", "432")
            self.sees("td", "file.added")
            self.sees("td", "327")
            self.sees("td", "half <b>way</b>")
            self.assertEqual(self.all("main b"), [])
            self.wait(lambda: [one for one in self.all("button") if one.text == "Verify"], "button")[0].click()
            self.sees("main", "Sound: 432 events of 29 ticks")
            self.sees("#figures", "432 events · ticks 1..29")

    def test_2_timeline_zooms_to_single_events(self):
        with self.serving(self.store) as server:
            self.open(server)
            self.sees("#in-view", "432 events")
            self.sees(".row", "commit.made")
            self.press(Keys.HOME)
            for _ in range(12):
                self.press("+")
            self.press(Keys.HOME)
            self.sees("#in-view", "ticks 1 to")
            self.wait(lambda: "from=" in self.address(), "the address holds the window")
            self.wait(lambda: len(self.all(".row")) > 5 and self.all(".row")[0].text != "…", "rows")
            self.all(".row")[2].click()
            self.sees("#event", "Because")
            self.sees("#event", "include/eventure/bus.h")
            self.sees("#event .because", "commit.made")
            shared = self.browser.current_url
            self.press("u")
            self.sees("#event", "It has no cause")
            self.browser.back()
            self.sees("#event", "include/eventure/bus.h")
            self.press("u")
            self.sees("#event", "It has no cause")
            self.press("d")
            self.sees("#event", "It caused nothing")
            self.press("]")
            self.sees("#event p", "tick 2")
            self.browser.get("about:blank")
            self.browser.get(shared)
            self.sees("#event", "include/eventure/bus.h")

    def test_2_timeline_wheel_drag_and_brush(self):
        with self.serving(self.store) as server:
            self.open(server)
            self.sees("#in-view", "432 events")
            canvas = self.find("#timeline")
            ActionChains(self.browser).move_to_element(canvas).scroll_by_amount(0, -600).perform()
            self.browser.execute_script(
                "const c = document.getElementById('timeline'); const r = c.getBoundingClientRect();"
                "c.dispatchEvent(new WheelEvent('wheel', {deltaY: -600, clientX: r.left + 600, clientY: r.top + 80,"
                "bubbles: true, cancelable: true}))")
            self.wait(lambda: "432 events" not in self.find("#in-view").text and self.find("#in-view").text, "zoomed")
            before = self.find("#in-view").text
            ActionChains(self.browser).move_to_element(canvas).click_and_hold().move_by_offset(150, 0).release().perform()
            self.wait(lambda: self.find("#in-view").text != before, "moved")
            (ActionChains(self.browser).key_down(Keys.SHIFT).move_to_element(canvas).click_and_hold()
             .move_by_offset(200, 0).release().key_up(Keys.SHIFT).perform())
            self.wait(lambda: "from=" in self.address(), "brushed")
            Select(self.find("#axis")).select_by_value("seq")
            self.sees("#in-view", "events 1 to 432")

    def test_3_cascade(self):
        with self.serving(self.store) as server:
            self.open(server, "#view=cascade&sel=3-ACCE-1")
            self.sees("#tree", "commit.made")
            self.sees("#cascade-count", "432 events in all")
            self.sees(".because", "because")
            folds = self.wait(lambda: [one for one in self.all("#tree .fold") if one.text == "▸"], "a fold")
            count = len(self.all("#tree li"))
            folds[0].click()
            self.wait(lambda: len(self.all("#tree li")) > count, "children")
            self.sees("#tree .later", "in tick 2")
            self.find(".because a").click()
            self.sees("#event-title", "commit.made")

    def test_3_an_event_with_many_children(self):
        store = self.folder / "many.db"
        lines = ['{"tick":0,"timestamp":0,"type":"a.root","data":{},"event_id":"root","parent_id":null}']
        lines += [f'{{"tick":0,"timestamp":0,"type":"a.child","data":{{"n":{n}}},"event_id":"c{n}","parent_id":"root"}}'
                  for n in range(20000)]
        run("import", store, "-", input="\n".join(lines) + "\n")
        with self.serving(store) as server:
            self.open(server, "#view=cascade&sel=root")
            self.sees("#tree", "100 of 20,000")
            self.find("#tree li li button:not(.fold)").click()
            self.sees("#tree", "200 of 20,000")
            self.sees("#event", "The first 100 of 20,000 effects")

    def test_4_state(self):
        with self.serving(self.store, "--projection", PROJECTION) as server:
            self.open(server, "#view=state&tick=3")
            self.sees("#tables tr.added", "schema/queries")
            self.sees("#tables tr.added", "3-ACCE-")
            self.press("]")
            self.wait(lambda: "tick=4" in self.address(), "a step")
            self.wait(lambda: self.find("#tables").get_attribute("data-tick") == "4", "the state of tick 4")
            self.find("main h3").click()
            self.press(" ")
            self.wait(lambda: int(self.find("#tick").get_attribute("value")) >= 8, "playing")
            self.press(" ")
            self.sees("#play", "play")
            self.wait(lambda: self.all(".flags button"), "flags")
            self.assertIn("half <b>way</b>", self.find(".flags button").text)
            self.browser.execute_script("const s = document.getElementById('scrubber'); s.value = 2;"
                                        "s.dispatchEvent(new Event('input', {bubbles: true}))")
            self.wait(lambda: self.find("#tables").get_attribute("data-tick") == "2", "the state of tick 2")

    def test_5_two_runs(self):
        with self.serving(self.store, "--against", self.other, "--projection", PROJECTION) as server:
            self.open(server)
            self.sees("#difference", "differ first in tick 12")
            self.sees("#members tr", "data.added")
            self.sees("#members tr", "777")
            self.sees("#sides tr", "differs")
            self.sees("#sides .same", "equal events")
            self.sees("#common", "because commit.made")
            self.sees("main", "State after tick 12")
            self.sees("tr.changed", "src/event/line.c")
            self.find("#next-difference").click()
            self.sees("#difference", "after 12 is 29")
            self.sees("#sides tr", "only in a.db")
            self.find("#next-difference").click()
            self.sees("#difference", "No difference after tick 29")

    def test_6_sql(self):
        with self.serving(self.store) as server:
            self.open(server, "#view=sql")
            self.find("#editor").send_keys("SELECT tick, count FROM ticks ORDER BY tick")
            self.find("#run-query").click()
            self.sees("#said", "29 rows")
            Select(self.find("#kind")).select_by_value("line")
            self.wait(lambda: self.all("#plot path[fill=none]"), "a line")
            shared = self.browser.current_url
            [one for one in self.all("#result th button") if one.text == "count"][0].click()
            self.wait(lambda: self.all("#result th[aria-sort=ascending]"), "sorted")
            self.find("#csv").click()
            self.sees("#said", "The file holds 29 rows")
            self.wait(lambda: (self.folder / "result.csv").exists(), "the file")
            self.wait(lambda: (self.folder / "result.csv").read_text().startswith("tick,count\n1,33\n"), "its text")
            self.find("#show-plan").click()
            self.sees("#plan", "SCAN tick")
            self.browser.get("about:blank")
            self.browser.get(shared)
            self.wait(lambda: self.all("#plot path[fill=none]"), "the plot of the link")
            self.sees("#said", "29 rows")
            self.allowed = ("403 (Forbidden)",)
            self.open(server, "#view=sql&sql=DELETE FROM events")
            self.sees(".error", "read-only")

    def test_6_cancel(self):
        with self.serving(self.store, "--timeout-ms", "600000") as server:
            self.open(server, "#view=sql&sql=WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i %2B 1 FROM n) "
                              "SELECT count(*) FROM n")
            self.sees("#said", "Running")
            self.find("#cancel").click()
            self.sees("#said", "Cancelled")

    def test_7_live(self):
        store = self.folder / "live.db"
        import_commits(store)
        with self.serving(store) as server:
            self.open(server)
            self.sees("#in-view", "432 events")
            time.sleep(0.5)
            run("append", store, "late.event", '{"n": 1}')
            self.sees("#news", "show 1 new event")
            self.sees("#in-view", "432 events")
            self.find("#news").click()
            self.sees("#in-view", "432 events")
            self.press("L")
            self.sees("#live", "live: on")
            self.press(Keys.HOME, "-", "-", "-", "-", "-", "-", "-")
            run("append", store, "late.event", '{"n": 2}')
            self.sees("#figures", "434 events")
            self.press("-", "-", "-")
            self.sees("#in-view", "434 events")

    @unittest.skipUnless(BOT and os.path.exists(BOT), "the trading bot was not built")
    def test_7_live_with_the_trading_bot(self):
        store = self.folder / "bot.db"
        subprocess.run([BOT, store, "50", "7"], check=True)
        with self.serving(store) as server:
            self.open(server)
            self.sees("#in-view", "events")
            self.press("L")
            self.sees("#live", "live: on")
            bot = subprocess.Popen([BOT, store, "400"])
            seen = set()
            while bot.poll() is None:
                seen.add(self.find("#figures").text)
                time.sleep(0.02)
            self.assertEqual(bot.returncode, 0)
            events = json.loads(run("stats", store, "--format", "json"))["events"]
            self.sees("#figures", f"{events:,} events")
            self.sees("#in-view", f"{events:,} events")
            self.open(server, "#view=search&q=order.filled")
            self.sees("#found", "found")
            self.find("#hits button").click()
            self.sees("#event .because", "strategy.signal")
            self.sees("#event .because", "market.price")

    @unittest.skipUnless(GAME and os.path.exists(GAME), "the adventure game was not built")
    def test_9_the_adventure_game(self):
        store = self.folder / "game.db"
        subprocess.run([GAME, store, "--seed", "3"], input="take lantern\nw\ntake oar\nn\nattack\nattack\ntake key\n",
                       text=True, check=True, capture_output=True)
        with self.serving(store) as server:
            self.open(server, "#view=overview")
            for one in server.get("types")["types"]:
                self.sees("td", one["type"])

    def test_7_replaced_and_gone(self):
        store = self.folder / "moved.db"
        import_commits(store)
        with self.serving(store) as server:
            self.open(server)
            self.sees("#in-view", "events")
            other = self.folder / "put.db"
            import_commits(other, change_one)
            other.rename(store)
            self.sees("#problem", "load the page again")
            store.unlink()
            self.sees("#problem", "not there any more")

    def test_7_the_server_stopped(self):
        with serve(self.store) as server:
            self.open(server)
            self.sees("#in-view", "432 events")
        self.sees("#problem", "does not answer")

    def test_8_search(self):
        self.allowed = ("404 (Not Found)",)  # the page requests the text as an id
        with self.serving(self.store) as server:
            self.open(server)
            for text, found in (("file.changed", "76 found"), ("commit.*", "29 found"), ("path=CMakeLists.txt", "found"),
                                ("bus.h", "found"), ("nothing like this", "Nothing was found")):
                self.press("/")
                box = self.find("#query")
                box.clear()
                box.send_keys(text, Keys.ENTER)
                self.sees("#found", found)
                self.find("main h2").click()
            self.press("/")
            self.find("#query").clear()
            self.find("#query").send_keys("3-AAFA-1", Keys.ENTER)
            self.sees("#event-title", "commit.made")
            self.find("#query").clear()
            self.find("#query").send_keys("12", Keys.ENTER)
            self.wait(lambda: "at=12" in self.address(), "a tick")

    def test_8_help_and_theme(self):
        with self.serving(self.store) as server:
            self.open(server)
            self.find("#main").click()
            self.press("?")
            self.sees("#sheet", "up to the cause")
            self.press(Keys.ESCAPE)
            self.wait(lambda: not self.find("#sheet").is_displayed(), "closed")
            before = self.browser.execute_script("return getComputedStyle(document.body).backgroundColor")
            self.find("#theme").click()
            self.wait(lambda: self.browser.execute_script("return getComputedStyle(document.body).backgroundColor") != before,
                      "the other theme")

    def test_8_narrow(self):
        self.browser.set_window_size(400, 800)
        try:
            with self.serving(self.store, "--projection", PROJECTION, "--against", self.other) as server:
                for view in ("overview", "timeline&sel=3-ACCE-1", "cascade&sel=3-ACCE-1", "state", "compare",
                             "sql&sql=SELECT * FROM events"):
                    self.open(server, f"#view={view}")
                    time.sleep(0.3)
                    wide = self.browser.execute_script(
                        "return document.documentElement.scrollWidth - document.documentElement.clientWidth")
                    self.assertLessEqual(wide, 0, view)
        finally:
            self.browser.set_window_size(1200, 1000)

    @unittest.skipUnless(AXE, "EVENTURE_AXE names no axe.min.js")
    def test_8_axe_finds_nothing(self):
        axe = pathlib.Path(AXE).read_text(encoding="utf-8")
        with self.serving(self.store, "--projection", PROJECTION, "--against", self.other) as server:
            for theme in ("light", "dark"):
                for view in ("overview", "timeline&sel=3-ACCE-1", "cascade&sel=3-ACCE-1", "state&tick=3", "compare",
                             "sql&sql=SELECT tick, count FROM ticks&plot=bar", "search&q=commit.made"):
                    self.open(server, f"#view={view}")
                    self.browser.execute_script(f"document.documentElement.dataset.theme = '{theme}'")
                    time.sleep(1)
                    self.browser.execute_script(axe)
                    found = self.browser.execute_async_script("axe.run().then((r) => arguments[0](r.violations))")
                    self.assertEqual([(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in found], [],
                                     f"{view}, {theme}")

    def test_9_hostile_texts_are_text(self):
        store = self.folder / "hostile.db"
        line = {"tick": 0, "timestamp": 0, "type": f"x.{HOSTILE}", "data": {HOSTILE: HOSTILE, "u": "\u202eabc"},
                "event_id": HOSTILE, "parent_id": None}
        run("import", store, "-", input=json.dumps(line) + "\n")
        with self.serving(store, "--projection", PROJECTION) as server:
            for view in ("overview", "timeline", "cascade", "state", "search&q=x", "sql&sql=SELECT * FROM events"):
                self.open(server, f"#view={view}&sel=%3Cimg%20src%3Dx%20onerror%3D%22document.title%3D1%22%3E")
                time.sleep(0.3)
                self.assertEqual(self.all("img"), [], view)
                self.assertIn("Eventure", self.browser.title)

    def test_9_empty_store(self):
        store = self.folder / "empty.db"
        run("import", store, "-", input="")
        with self.serving(store) as server:
            self.open(server)
            self.sees("#figures", "no events yet")
            self.sees("main", "holds no events yet")
            for view in ("overview", "cascade", "state", "sql"):
                self.open(server, f"#view={view}")
                self.sees("#tabs", "SQL")

    def test_9_real_histories(self):
        for name in ("wyscout-final", "showdown-small"):
            store = self.folder / f"{name}.db"
            import_history(store, name)
            with self.serving(store) as server:
                self.open(server)
                self.sees("#in-view", f"{server.get('overview')['events']:,} events")
                self.wait(lambda: self.all(".row") and self.all(".row")[0].text != "…", "rows")


if __name__ == "__main__":
    if CHROMIUM is None or DRIVER is None:
        print("skipped: there is no chromium, or no chromedriver (Debian: chromium, chromium-driver)")
        sys.exit(77)
    try:
        socket.getaddrinfo("localhost", None)
    except OSError as error:
        print(f"skipped: chromedriver needs the name localhost, which this system does not know: {error}")
        sys.exit(77)
    unittest.main(verbosity=2)
