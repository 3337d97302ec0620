"""The real histories that tests read.

Every clone has the small ones, in tests/data/histories. The large ones are an extra: they are read where $EVENTURE_DATA
names their folder, or where they lie in ../shared/data beside the repository.
"""

import json
import lzma
import os
import pathlib
import shutil

ROOT = pathlib.Path(__file__).resolve().parents[2]
SMALL = ROOT / "tests" / "data" / "histories"
FIGURES = "stats.json"


class History:
    """A file of JSON Lines, packed or not, and the figures that are expected of it."""

    def __init__(self, folder, name, figures, large):
        self.name = name
        self.figures = figures
        self.large = large
        plain = folder / name
        self.file = plain if plain.is_file() else folder / (name + ".xz")
        if not self.file.is_file():
            raise FileNotFoundError(f"{folder / FIGURES} has figures of {name}, which is not there")

    def unpack(self, scratch):
        """Returns the path of the unpacked file. A packed file is unpacked into the scratch folder, unless this was
        done before."""
        if self.file.suffix != ".xz":
            return self.file
        target = scratch / self.name
        if not target.is_file() or target.stat().st_mtime < self.file.stat().st_mtime:
            part = scratch / (self.name + ".part")
            with lzma.open(self.file) as source, open(part, "wb") as out:
                shutil.copyfileobj(source, out, 1 << 20)
            part.rename(target)
        return target


def read_figures(folder):
    """The figures of each history of a folder, by its name."""
    return json.loads((folder / FIGURES).read_text(encoding="utf-8"))


def small_histories():
    """The histories of the repository. Each must have figures, because a file that no test reads is an error."""
    figures = read_figures(SMALL)
    files = {path.name.removesuffix(".xz") for path in SMALL.glob("*.jsonl*")}
    if not figures or files != set(figures):
        raise FileNotFoundError(f"{SMALL}: {FIGURES} is about {sorted(figures)}, and the files are {sorted(files)}")
    return [History(SMALL, name, wanted, large=False) for name, wanted in figures.items()]


def large_histories():
    """The histories outside the repository; an empty list when there are none."""
    named = os.environ.get("EVENTURE_DATA")
    folder = pathlib.Path(named) if named else ROOT.parent / "shared" / "data"
    if not (folder / FIGURES).is_file():
        if named:
            raise FileNotFoundError(f"EVENTURE_DATA names {folder}, and there is no {FIGURES} in it")
        return []
    own = read_figures(SMALL)
    return [History(folder, name, wanted, large=True)
            for name, wanted in read_figures(folder).items() if name not in own]
