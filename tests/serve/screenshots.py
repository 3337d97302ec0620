#!/usr/bin/env python3
"""Makes the pictures of docs/serve.md, docs/serve/*.png, again.

    EVENTURE=PROGRAM tests/serve/screenshots.py
"""

import pathlib
import shutil
import tempfile
import time

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from serving import PROJECTION, SOURCE, import_commits, serve

VIEWS = {"timeline": "#view=timeline&from=1&to=8&sel=3-AAFA-1", "state": "#view=state&tick=5", "compare": "#view=compare",
         "sql": "#view=sql&sql=SELECT tick, count FROM ticks ORDER BY tick&plot=bar"}


def change_one(lines):
    lines[200]["data"]["added"] = 777


def main():
    options = Options()
    options.binary_location = shutil.which("chromium")
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1000,700"):
        options.add_argument(argument)
    with tempfile.TemporaryDirectory() as scratch:
        first, second = pathlib.Path(scratch, "first.db"), pathlib.Path(scratch, "second.db")
        import_commits(first)
        import_commits(second, change_one)
        browser = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
        with serve(first, "--against", second, "--projection", PROJECTION) as server:
            for name, fragment in VIEWS.items():
                browser.get("about:blank")
                browser.get(server.link + fragment)
                time.sleep(3)
                browser.save_screenshot(str(SOURCE / "docs" / "serve" / f"{name}.png"))
            browser.quit()


if __name__ == "__main__":
    main()
