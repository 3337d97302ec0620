"""EventLog: the log of the pure-Python package eventure 0.4.4, on a store."""

import os
import shutil
import tempfile
import weakref
from collections.abc import Sequence
from typing import Any, Iterator, List, Optional

from . import _eventure
from .errors import NotFoundError
from .event import Event
from .store import Store, keep_until_exit

_CHUNK = 1024


class EventList(Sequence):  # type: ignore[type-arg]
    """The events of a log as a list, which reads them when they are used."""

    __slots__ = ("_log",)

    def __init__(self, log: Any) -> None:
        self._log: "EventLog" = log

    def __len__(self) -> int:
        return self._log.last_seq

    def _read(self, after: int, count: int) -> List[Event]:
        return self._log._cursor({"after": after, "limit": count}).all() if count > 0 else []

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            first, end, step = index.indices(len(self))
            if step == 1:
                return self._read(first, end - first)
            return [self[at] for at in range(first, end, step)]
        count = len(self)
        at = index + count if index < 0 else index
        if not 0 <= at < count:
            raise IndexError("list index out of range")
        return self._log._find(at + 1)

    def __iter__(self) -> Iterator[Event]:
        # Reads in pieces, so that events that are appended during the iteration are included, as with a list.
        seq = 0
        while True:
            events = self._read(seq, _CHUNK)
            if not events:
                return
            yield from events
            seq = events[-1].seq

    def __contains__(self, event: object) -> bool:
        return isinstance(event, Event) and self._log.get_event_by_id(event.id) == event

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (list, EventList)):
            return len(self) == len(other) and all(a == b for a, b in zip(self, other))
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __add__(self, other: Any) -> List[Event]:
        return list(self) + list(other)

    def append(self, event: Event) -> None:
        """Appends an event with its own id, timestamp and tick, which must not be before the current one."""
        self._log._advance_to(event.tick)
        self._log._add_event(event.type, event.data, event.parent_id, id=event.id, timestamp=event.timestamp)

    def __repr__(self) -> str:
        return repr(list(self))


def _remove(directory: str, process: int) -> None:
    if os.getpid() == process:
        shutil.rmtree(directory, ignore_errors=True)


class EventLog(Store):
    """The sequence of events, and the current tick.

    `EventLog()` keeps its events in a private temporary file, which is deleted with the log;
    `EventLog("game.db")` keeps them in a store.

    >>> log = EventLog()
    >>> event = log.add_event("user.created", {"user_id": 1})
    >>> log.advance_tick()
    >>> len(log.events), log.current_tick, log.get_event_by_id(event.id) == event
    (1, 1, True)
    """

    add_event = _eventure.Handle._add_event
    advance_tick = _eventure.Handle._advance_tick

    def __init__(self, path: Any = None, **options: Any) -> None:
        self._directory: Any = None
        if path is None:
            directory = tempfile.mkdtemp(prefix="eventure-")
            path = os.path.join(directory, "log.db")
            options = {"sync": "off", "commit_every_ticks": 1000, "digests": False, **options}
            self._directory = weakref.finalize(self, _remove, directory, os.getpid())
        else:
            options = {"background": True, **options}
        self._open_log(path, **options)
        if self._directory is None:
            keep_until_exit(self)

    @property
    def _current_tick(self) -> int:
        return self.current_tick

    @property
    def events(self) -> EventList:  # type: ignore[override]
        """All events, in the order in which they were added."""
        return EventList(self)

    def get_events_at_tick(self, tick: int) -> List[Event]:
        """The events of a tick."""
        return self._cursor({"tick_min": tick, "tick_end": tick + 1}).all() if tick >= 0 else []

    def get_event_by_id(self, event_id: str) -> Optional[Event]:
        """The event of an id, or None."""
        try:
            return self._find(event_id)
        except NotFoundError:
            return None

    def get_event_cascade(self, event_id: str) -> List[Event]:
        """The event and all its descendants, by tick, hash and number; empty when there is no such event."""
        try:
            return self._cursor({"cascade_of": event_id, "order": "id"}).all()
        except NotFoundError:
            return []

    def create_query(self) -> Any:
        """An EventQuery on this log."""
        from .event_query import EventQuery

        return EventQuery(self)

    def save_to_file(self, filename: Any) -> None:
        """Writes one line of JSON for each event."""
        with open(filename, "wb") as file:
            self._export(file, {}, "jsonl", None, 0, None)

    @classmethod
    def load_from_file(cls, filename: Any) -> "EventLog":
        """Returns a new log with the events of a file; the current tick is that of the newest event."""
        log = cls()
        with open(filename, "rb") as file:
            log._import(file, os.fsdecode(filename), "jsonl", True, None)
        return log
