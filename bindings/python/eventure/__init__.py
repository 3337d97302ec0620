"""Eventure: an event store in one SQLite file.

The package has two interfaces to the same stores. The classes Event, EventLog, EventBus and EventQuery are those of the
pure-Python package eventure 0.4.4. New programs use `open`, `read` and `follow`:

>>> import eventure
>>> path = eventure.scratch()
>>> with eventure.open(path) as log:
...     with log.tick():
...         swing = log.append("combat.swing", {"enemy": "dragon"})
...         hit = log.append("combat.hit", {"damage": 18}, parent=swing)
>>> with eventure.read(path) as history:
...     [event.type for event in history[swing.id].cascade()]
['combat.swing', 'combat.hit']
"""

from . import errors
from ._eventure import Fold, Projection, Projector, follow_forget, library_version, type_hash
from .bus import Bus, Subscription
from .errors import (
    ArchivedError,
    ArgumentError,
    BusyError,
    CorruptError,
    DataError,
    Error,
    ExistsError,
    FormatError,
    HandleError,
    HandlerError,
    InterruptedByCallback,
    LimitError,
    NotFoundError,
    OutOfMemoryError,
    ParentError,
    ReadOnlyError,
    StorageError,
    TickError,
    TypeNameError,
)
from .event import Event
from .event_bus import EventBus
from .event_log import EventLog
from .event_query import EventQuery
from .follow import Follower, follow
from .reducer import Reducer
from .store import (
    NEWEST,
    ArchiveCounts,
    Counts,
    DataIndex,
    Difference,
    Digests,
    History,
    Log,
    Origin,
    Playback,
    Position,
    Query,
    Repair,
    SavePoint,
    Snapshot,
    SnapshotCheck,
    Store,
    Upgrade,
    Verification,
    read,
    scratch,
    upgrade,
)
from .store import open_log as open  # noqa: A004

__version__ = library_version

__all__ = [
    "ArchiveCounts",
    "ArchivedError",
    "ArgumentError",
    "Bus",
    "BusyError",
    "CorruptError",
    "Counts",
    "DataError",
    "DataIndex",
    "Difference",
    "Digests",
    "Error",
    "Event",
    "EventBus",
    "EventLog",
    "EventQuery",
    "ExistsError",
    "Fold",
    "Follower",
    "FormatError",
    "HandleError",
    "HandlerError",
    "History",
    "InterruptedByCallback",
    "LimitError",
    "Log",
    "NEWEST",
    "NotFoundError",
    "Origin",
    "OutOfMemoryError",
    "ParentError",
    "Playback",
    "Position",
    "Projection",
    "Projector",
    "Query",
    "ReadOnlyError",
    "Reducer",
    "Repair",
    "SavePoint",
    "Snapshot",
    "SnapshotCheck",
    "StorageError",
    "Store",
    "Subscription",
    "TickError",
    "TypeNameError",
    "Upgrade",
    "Verification",
    "errors",
    "follow",
    "follow_forget",
    "library_version",
    "open",
    "read",
    "scratch",
    "type_hash",
    "upgrade",
]
