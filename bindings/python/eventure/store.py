"""Stores: History reads one, Log writes one, Query reads events of either."""

import atexit
import json
import os
import shutil
import sys
import tempfile
import weakref
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Tuple, TypeVar, Union

from . import _eventure, columns
from .bus import Bus
from .errors import HandleError
from .event import Event
from .reducer import Reducer, fold_of, state_of

NEWEST = 2**63 - 1

AnyStore = TypeVar("AnyStore", bound="Store")


# --- Logs that a program leaves open ---

_open_logs: "weakref.WeakSet[Any]" = weakref.WeakSet()
_scratch_folders: List[Tuple[str, int]] = []  # the folders, each with the process that created it


def keep_until_exit(log: Any) -> None:
    """Closes the log at the end of the program, unless the program has closed it."""
    _open_logs.add(log)


def _close_logs() -> None:
    for log in list(_open_logs):
        try:
            log.close()
        except HandleError:  # the log of another thread or of the parent process: only they may close it
            pass
    for folder, process in _scratch_folders:
        if process == os.getpid():
            shutil.rmtree(folder, ignore_errors=True)


atexit.register(_close_logs)


# --- Results ---


class Counts(NamedTuple):
    """The numbers of events and ticks that an import or an export moved."""

    events: int
    ticks: int


class ArchiveCounts(NamedTuple):
    """The numbers of moved events, and of archived events that the store still knows by id."""

    events: int
    kept_ids: int


class SavePoint(NamedTuple):
    """A name for a position in the history."""

    name: str
    tick: int
    seq: int
    note: Optional[str]
    created: float


class Snapshot(NamedTuple):
    """A saved state."""

    name: str
    version: int
    tick: int
    seq: int
    state_bytes: int
    created: float


class SnapshotCheck(NamedTuple):
    """The result of comparing snapshots with a fold."""

    checked: int
    differs: bool
    tick: int
    seq: int
    at_bytes: int


class Origin(NamedTuple):
    """The identity of a history, and the history that it was forked from."""

    uuid: str
    from_uuid: str
    from_tick: int
    from_seq: int
    run_digest: str
    full_digest: str


class Digests(NamedTuple):
    """The digests of a history; `run` does not include the timestamps."""

    tick: int
    seq: int
    run: str
    full: str


class Verification(NamedTuple):
    """The result of a verification; true when the store is sound."""

    is_sound: bool
    events: int
    ticks: int
    trusted_tick: int
    trusted_seq: int
    problem: str
    snapshots: int
    snapshots_unchecked: int

    def __bool__(self) -> bool:
        return self.is_sound


class Difference(NamedTuple):
    """The first difference of two histories; true when there is one."""

    differ: bool
    common_seq: int
    common_tick: int
    left: Optional[Event]
    right: Optional[Event]

    def __bool__(self) -> bool:
        return self.differ


class Repair(NamedTuple):
    """The numbers of events and ticks that a repair saved and lost."""

    events: int
    ticks: int
    lost_events: int
    lost_ticks: int
    has_gaps: bool
    first_loss: str


class DataIndex(NamedTuple):
    """An index on a key of the data."""

    key: str
    pattern: str
    events: int
    upto: int
    complete: bool


class Upgrade(NamedTuple):
    """The result of an upgrade."""

    from_format: int
    to_format: int
    backup: str


class Position(NamedTuple):
    """The position of a playback in the history."""

    seq: int
    tick: int
    at_end: bool


# --- Queries ---


def read_ticks(ticks: Union[int, slice, range, None]) -> Optional[Tuple[int, int]]:
    """A range of ticks as (first, end), where end 0 means no upper bound; None when it is empty."""
    if ticks is None:
        return 0, 0
    if isinstance(ticks, int):
        first, end = ticks, ticks + 1
    else:
        if ticks.step not in (None, 1):
            raise ValueError(f"ticks must not have a step, but it is {ticks.step}")
        first = ticks.start or 0
        if ticks.stop is None:
            end = 0
        else:
            end = ticks.stop
            if end < 0:
                raise ValueError(f"ticks begin with 0, but the range ends with {end}")
            if end <= first:
                return None
    if first < 0:
        raise ValueError(f"ticks begin with 0, but {first} was asked for")
    return first, end


# Matches no event. A filter has no simpler way to express this.
NOTHING: Dict[str, Any] = {"types": ["-"], "exact": True, "tick_min": 2**62}


class Query:
    """A query of a store. It runs when it is iterated, counted or converted to columns, and runs again each time.

    >>> import eventure
    >>> with eventure.open(eventure.scratch()) as log:
    ...     hit = log.append("combat.hit", {"damage": 18})
    ...     query = log.events(type="combat.*")
    ...     query.count(), [event["damage"] for event in query]
    (1, [18])
    """

    __slots__ = ("_store", "_spec", "_empty")

    def __init__(self, store: Any, spec: Dict[str, Any], empty: bool = False) -> None:
        self._store: _eventure.Handle = store
        self._spec = spec
        self._empty = empty

    def __iter__(self) -> Iterator[Event]:
        return iter(()) if self._empty else self._store._cursor(self._spec)

    def all(self) -> List[Event]:
        """All events of the query, as a list."""
        return [] if self._empty else self._store._cursor(self._spec).all()

    def first(self) -> Optional[Event]:
        """The first event of the query, or None."""
        if self._empty:
            return None
        return next(self._store._cursor({**self._spec, "limit": 1}), None)

    def count(self) -> int:
        """The number of events of the query, without reading them."""
        return 0 if self._empty else self._store._count(self._spec)

    def explain(self) -> str:
        """The SQL that the query compiles to, and SQLite's plan for it."""
        return self._store._explain(self._asked())

    def _asked(self) -> Dict[str, Any]:
        """Returns the conditions as the arguments of the C module."""
        return NOTHING if self._empty else self._spec

    def limit(self, count: int) -> "Query":
        """Returns the same query with a limit on the number of events."""
        if count < 0:
            raise ValueError(f"a limit is 0 or more, not {count}")
        return Query(self._store, {**self._spec, "limit": count}, self._empty or count == 0)

    def reversed(self) -> "Query":
        """Returns the same query in the other direction."""
        return Query(self._store, {**self._spec, "reverse": not self._spec.get("reverse", False)}, self._empty)

    def batches(
        self, columns: Optional[columns.Wanted] = None, *, fields: Optional[Iterable[str]] = None, rows: int = 65536
    ) -> Iterator["columns.Batch"]:
        """Yields the events as columns, at most `rows` events at a time; see eventure.columns."""
        return _batches(self, columns, fields, rows)

    def to_numpy(self, column: str, dtype: Any = None) -> Any:
        """One column as a numpy array: a field of the event (seq, tick, type…), or else a member of the data.

        A member is read as floats unless dtype is int or str; where it is missing there is nan, 0 or "".
        """
        return columns.to_numpy(self, column, dtype)

    def df(
        self, columns: Optional[columns.Wanted] = None, *, fields: Optional[Iterable[str]] = None, index: Any = None
    ) -> Any:
        """The events as a pandas frame; types are a category, and members of the data are columns."""
        return _frame(self, columns, fields, index)

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """All fields of the events as an Arrow stream, through the PyCapsule interface."""
        return columns.Arrow(self).__arrow_c_stream__(requested_schema)

    def arrow(
        self, columns: Optional[columns.Wanted] = None, *, fields: Optional[Iterable[str]] = None, rows: int = 65536
    ) -> "columns.Arrow":
        """Selected columns as an Arrow stream, for pyarrow.table, polars.DataFrame and other consumers of Arrow."""
        return _arrow(self, columns, fields, rows)

    def __repr__(self) -> str:
        shown = ", ".join(f"{key}={value!r}" for key, value in self._spec.items())
        return f"<Query of {self._store!r}: {shown or 'every event'}>"


def _batches(query: Query, wanted: Any, fields: Any, rows: int) -> Iterator["columns.Batch"]:
    return columns.batches(query, wanted, fields, rows)


def _arrow(query: Query, wanted: Any, fields: Any, rows: int) -> "columns.Arrow":
    return columns.Arrow(query, wanted, fields, rows)


def _frame(query: Query, wanted: Any, fields: Any, index: Any) -> Any:
    return columns.frame(query, wanted, fields, index)


def question(
    type: Union[str, Iterable[str], None] = None,
    *,
    ticks: Union[int, slice, range, None] = None,
    data: Optional[Dict[str, Any]] = None,
    roots: bool = False,
    children_of: Union[str, Event, None] = None,
    cascade_of: Union[str, Event, None] = None,
    ancestors_of: Union[str, Event, None] = None,
    after: int = 0,
    limit: Optional[int] = None,
    order: Optional[str] = None,
    reverse: bool = False,
    exact: bool = False,
) -> Tuple[Dict[str, Any], bool]:
    """Returns the keyword arguments of `events` as arguments of the extension module, and whether the result is
    empty."""
    spec: Dict[str, Any] = {}
    if isinstance(type, str):
        spec["type"] = type
    elif type is not None:
        spec["types"] = list(type)
    bounds = read_ticks(ticks)
    if bounds is not None and bounds != (0, 0):
        spec["tick_min"], spec["tick_end"] = bounds
    for name, value in (("children_of", children_of), ("cascade_of", cascade_of), ("ancestors_of", ancestors_of)):
        if value is not None:
            spec[name] = value.id if isinstance(value, Event) else value
    if limit is not None and limit < 0:
        raise ValueError(f"a limit is 0 or more, not {limit}")
    for name, given in (("data", data), ("roots", roots), ("after", after), ("limit", limit), ("order", order)):
        if given:
            spec[name] = given
    for name, flag in (("reverse", reverse), ("exact", exact)):
        if flag:
            spec[name] = True
    return spec, bounds is None or limit == 0 or spec.get("types") == []


# --- Files ---


class _File:
    """A file object, or a path that is opened for the call."""

    def __init__(self, file: Any, mode: str) -> None:
        self.owned = isinstance(file, (str, bytes, os.PathLike))
        self.file = open(file, mode) if self.owned else file  # noqa: SIM115
        self.name = os.fsdecode(file) if self.owned else str(getattr(file, "name", "input"))

    def __enter__(self) -> "_File":
        return self

    def __exit__(self, *error: Any) -> None:
        if self.owned:
            self.file.close()


Progress = Callable[[int, int, int], Optional[bool]]


# --- Stores ---


class Store(_eventure.Handle):
    """The queries of an open store, for reading or for writing."""

    def events(self, type: Union[str, Iterable[str], None] = None, **conditions: Any) -> Query:
        """A query for the events that match all given conditions.

        type: a type, a pattern ("combat.*", "*.error", "*"), or several, one of which must match; exact=True: no
        patterns. ticks: one tick, or slice(first, end). data: members that the data must hold. roots, children_of,
        cascade_of, ancestors_of: by cause. after: only events after this seq. limit, reverse, order ('append',
        'breadth_first', 'id').
        """
        spec, empty = question(type, **conditions)
        return Query(self, spec, empty)

    def __getitem__(self, key: Union[str, int]) -> Event:
        """The event of an id, or of a seq; NotFoundError (a LookupError) when there is none."""
        return self._find(key)

    def get(self, key: Union[str, int], default: Any = None) -> Any:
        """The event of an id or a seq, or the default."""
        from .errors import NotFoundError

        try:
            return self._find(key)
        except NotFoundError:
            return default

    def __contains__(self, key: object) -> bool:
        return isinstance(key, (str, int)) and self.get(key) is not None

    def __iter__(self) -> Iterator[Event]:
        return self._cursor({})

    def __len__(self) -> int:
        return self.last_seq

    def __bool__(self) -> bool:
        return True

    def count_by_type(self) -> Dict[str, int]:
        """The number of events of each type, in the order in which the types first appeared."""
        return self._count_by_type()

    # Folding

    def state_at(
        self,
        tick: int,
        reducer: Any,
        *,
        initial: Any = None,
        use_snapshots: bool = True,
        progress: Optional[Progress] = None,
    ) -> Any:
        """The state at the end of a tick. The reducer is a Reducer, a function (state, event) -> state whose first
        state is `initial` (default: an empty dict), or a Projection, which is returned itself."""
        fold = fold_of(reducer, initial)
        self._state_at(fold, tick, not use_snapshots, progress)
        return state_of(fold)

    def state(self, reducer: Any, **options: Any) -> Any:
        """The state at the end of the history."""
        return self.state_at(NEWEST, reducer, **options)

    def replay(self, reducer: Any, ticks: Union[int, slice, range, None] = None, *, initial: Any = None) -> Any:
        """Folds the events of a range of ticks, without snapshots."""
        fold = fold_of(reducer, initial)
        bounds = read_ticks(ticks)
        if bounds is None:
            return fold if isinstance(reducer, _eventure.Projection) else _first_state(reducer, initial)
        self._replay(fold, bounds[0], bounds[1])
        return state_of(fold)

    def playback(
        self, reducer: Any, *, initial: Any = None, cache_every_events: int = 0, max_cache_bytes: int = 0
    ) -> "Playback":
        """A state that is moved through the history, in both directions. It caches about one state every
        cache_every_events events (0: 256), at most max_cache_bytes (0: 64 MiB) in total."""
        return Playback(self._playback(fold_of(reducer, initial), cache_every_events, max_cache_bytes))

    def snapshots(self, name: Optional[str] = None) -> List[Snapshot]:
        """The snapshots of a reducer's name, or all."""
        return [Snapshot(*row) for row in self._snapshots(name)]

    def check_snapshots(self, reducer: Any, *, progress: Optional[Progress] = None) -> SnapshotCheck:
        """Compares the snapshots of a reducer with a fold from the first event."""
        return SnapshotCheck(*self._snapshot_check(fold_of(reducer), progress))

    # Sessions

    def copy(self, path: Any, *, replace: bool = False, progress: Optional[Progress] = None) -> None:
        """Copies the store into a new file: the same history."""
        self._copy(path, replace, progress, None, None, None)

    def fork(
        self,
        path: Any,
        *,
        tick: Optional[int] = None,
        save_point: Optional[str] = None,
        replace: bool = False,
        record: Optional[Mapping[str, Any]] = None,
        progress: Optional[Progress] = None,
    ) -> None:
        """Makes a new history from the events up to the end of a tick, or up to a save point.

        The new store has the record of this run without `finished` and `outcome`, changed by `record` as `describe`
        does.
        """
        if (tick is None) == (save_point is None):
            raise TypeError("fork needs a tick or a save point")
        changes = None if record is None else json.dumps(record, allow_nan=False)
        self._copy(path, replace, progress, tick, save_point, changes)

    def origin(self) -> Origin:
        """Which history this is, and where it was forked from."""
        return Origin(*self._origin())

    def description(self) -> Dict[str, Any]:
        """The record of the run: its keys with their values; empty for a store without a record."""
        record: Dict[str, Any] = json.loads(self._description())
        return record

    def save_points(self) -> List[SavePoint]:
        """The save points in the order of the history."""
        return [SavePoint(*row) for row in self._saves()]

    def data_indexes(self) -> List[DataIndex]:
        """The indexes on data."""
        return [DataIndex(*row) for row in self._indexes()]

    # Exchange

    def export_events(
        self,
        file: Any,
        query: Optional[Query] = None,
        *,
        format: str = "jsonl",
        columns: Optional[Iterable[str]] = None,
        max_nodes: int = 0,
        progress: Optional[Progress] = None,
    ) -> Counts:
        """Writes events to a file object or a path, as jsonl, csv, cloudevents, chrome, dot or mermaid."""
        if query is not None and query._empty:
            return Counts(0, 0)
        with _File(file, "wb") as out:
            spec = query._spec if query is not None else {}
            return Counts(
                *self._export(out.file, spec, format, None if columns is None else list(columns), max_nodes, progress)
            )

    def extract(
        self,
        path: Any,
        query: Optional[Query] = None,
        *,
        replace: bool = False,
        progress: Optional[Progress] = None,
    ) -> Counts:
        """Writes events as a store of its own."""
        return Counts(*self._extract(path, replace, query._asked() if query is not None else {}, progress))

    def print_cascade(
        self,
        file: Any = None,
        *,
        event: Union[str, Event, None] = None,
        details: bool = False,
        ticks: Union[int, slice, range, None] = None,
        data: bool = True,
        color: bool = False,
    ) -> None:
        """Prints the history, or one event's part of it, as text: causes above their effects."""
        bounds = read_ticks(ticks) or (NEWEST - 1, NEWEST)
        id = event.id if isinstance(event, Event) else event
        self._print(sys.stdout if file is None else file, id, details, bounds[0], bounds[1], data, color)

    # Integrity

    def digest(self, tick: Optional[int] = None) -> Digests:
        """The digests of the history up to a tick, that tick included."""
        return Digests(*self._digest(tick))

    def verify(
        self, *, quick: bool = False, reducers: Iterable[Any] = (), progress: Optional[Progress] = None
    ) -> Verification:
        """Checks the whole store; true when it is sound."""
        return Verification(*self._verify(quick, [fold_of(reducer) for reducer in reducers], progress))

    def diff(self, other: "Store") -> Difference:
        """The first event in which two histories differ; false when they are equal."""
        return Difference(*self._diff(other))

    def repair(
        self, path: Any, *, loss: Optional[Callable[..., Any]] = None, progress: Optional[Progress] = None
    ) -> Repair:
        """Makes a new store from the rows that are intact."""
        return Repair(*self._repair(path, loss, progress))

    # The protocols of Python

    def __enter__(self: AnyStore) -> AnyStore:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()

    def __repr__(self) -> str:
        name = type(self).__name__
        if self.closed:
            return f"<{name} {self.path!r}, closed>"
        try:
            return f"<{name} {self.path!r}, tick {self.current_tick}, {self.last_seq} events>"
        except Exception:
            return f"<{name} {self.path!r}>"


def _first_state(reducer: Any, initial: Any) -> Any:
    if not isinstance(reducer, Reducer):
        reducer = Reducer(reducer, initial=dict if initial is None else initial)
    return reducer._reset()


class _ReadTransaction:
    """The context of History.read_transaction: all queries read the same commit."""

    def __init__(self, history: "History") -> None:
        self.history = history

    def __enter__(self) -> "History":
        self.history._begin()
        return self.history

    def __exit__(self, *error: Any) -> None:
        self.history._end()


class History(Store):
    """A store opened for reading; made by eventure.read."""

    def __init__(self, path: Any) -> None:
        self._open_reader(path)

    def read_transaction(self) -> _ReadTransaction:
        """Returns a context in which all queries read the same commit."""
        return _ReadTransaction(self)

    def refresh(self) -> None:
        """Within read_transaction(): moves to the newest commit."""
        self._refresh()


class _Tick:
    """The context of Log.tick."""

    def __init__(self, log: "Log") -> None:
        self.log = log

    def __enter__(self) -> int:
        return self.log.current_tick

    def __exit__(self, type: Any, error: Any, traceback: Any) -> None:
        if type is None:
            self.log._advance_tick()
        else:
            self.log._rollback()


class Log(Store):
    """A store opened for writing; made by eventure.open.

    >>> import eventure
    >>> with eventure.open(eventure.scratch()) as log:
    ...     with log.tick():
    ...         swing = log.append("combat.swing")
    ...         hit = log.append("combat.hit", {"damage": 18}, parent=swing)
    ...     hit.id, hit.parent_id == swing.id, log.current_tick
    ('0-BCFD-1', True, 1)
    """

    append = _eventure.Handle._append

    def __init__(self, path: Any, **options: Any) -> None:
        self._bus: Optional[Bus] = None
        self._open_log(path, **options)
        keep_until_exit(self)

    @property
    def bus(self) -> Bus:
        """The log's bus, which the first access makes."""
        if self._bus is None:
            self._bus = Bus(self)
        return self._bus

    def tick(self) -> _Tick:
        """Returns a context for one tick: the tick is committed at the end, and rolled back after an exception."""
        return _Tick(self)

    def append_batch(self, events: Iterable[Any]) -> range:
        """Appends many events, all or none, and returns their seqs.

        Each is a tuple (type, data, parent), whose last members may be left out. A parent is an event, an id, a seq, or
        a negative number -n: the event n places before it in the batch.
        """
        return range(*self._append_batch(events))

    def advance_tick(self) -> None:
        """Commits, and begins the next tick."""
        self._advance_tick()

    def advance_to(self, tick: int) -> None:
        """Commits, and begins the given tick."""
        self._advance_to(tick)

    def commit(self) -> None:
        """Commits in the middle of a tick."""
        self._commit()

    def rollback(self) -> None:
        """Discards everything since the last commit."""
        self._rollback()

    def flush(self) -> None:
        """Waits until the background writer has written everything."""
        self._flush()

    @property
    def tick_events(self) -> int:
        """The number of events of the current tick."""
        return self._tick_events

    @property
    def durable_tick(self) -> int:
        """The tick at which the store would be after a crash."""
        return self._durable_tick

    def wait_durable(self, tick: int, timeout: Optional[float] = None) -> None:
        """Waits until every event before a tick is on the disk; raises BusyError after `timeout` seconds."""
        self._wait_durable(tick, -1 if timeout is None else max(0, int(timeout * 1000)))

    def import_events(
        self,
        file: Any,
        *,
        format: str = "jsonl",
        external_parents: bool = False,
        progress: Optional[Progress] = None,
    ) -> Counts:
        """Imports lines from a file object or a path, all or nothing."""
        with _File(file, "rb") as source:
            return Counts(*self._import(source.file, source.name, format, external_parents, progress))

    def describe(self, changes: Optional[Mapping[str, Any]] = None, **keys: Any) -> None:
        """Changes keys of the record of the run, and commits; None removes a key.

        All keys of one call are changed, or none. Raises TypeError for a value that is not JSON, ArgumentError for an
        invalid key, and LimitError for a value of more than 1 MiB.
        """
        self._describe(json.dumps({**(changes or {}), **keys}, allow_nan=False))

    def save(self, name: str, note: Optional[str] = None) -> None:
        """Takes a save point, and commits."""
        self._save(name, note)

    def delete_save_point(self, name: str) -> None:
        """Deletes the name of a save point."""
        self._save_delete(name)

    def archive(
        self,
        path: Any,
        before_tick: int,
        *,
        reducers: Iterable[Any] = (),
        without_snapshots: bool = False,
        progress: Optional[Progress] = None,
    ) -> ArchiveCounts:
        """Moves the events of all ticks before a tick into an archive."""
        folds = [fold_of(reducer) for reducer in reducers]
        return ArchiveCounts(*self._archive(path, before_tick, folds, without_snapshots, progress))

    def add_index(self, key: str, pattern: Optional[str] = None, *, progress: Optional[Progress] = None) -> None:
        """Makes an index on a key of the data."""
        self._index_add(key, pattern, progress)

    def drop_index(self, key: str, pattern: Optional[str] = None) -> None:
        """Drops an index."""
        self._index_drop(key, pattern)

    def take_snapshot(self, reducer: Any) -> Any:
        """Saves the current state as a snapshot, and returns it."""
        fold = fold_of(reducer)
        self._snapshot_take(fold)
        return state_of(fold)

    def build_snapshots(self, reducer: Any, **policy: Any) -> int:
        """Adds snapshots to the history: every_events=, every_ticks=, keep_newest=, keep_every_ticks=,
        drop_other_versions=, from_start=, progress=. Returns their number."""
        return self._snapshot_build(fold_of(reducer), **policy)

    def prune_snapshots(self, reducer: Any, **policy: Any) -> None:
        """Deletes the snapshots of a reducer that the policy (see build_snapshots) does not keep."""
        self._snapshot_prune(fold_of(reducer), **policy)

    def keep_snapshots(self, reducer: Any, **policy: Any) -> Any:
        """Follows the log with a reducer, and saves snapshots by a policy (see build_snapshots), until the Snapshotter
        that is returned is detached or the log is closed."""
        return self._snapshotter(fold_of(reducer), **policy)


class Playback:
    """A state that is moved through its history; made by `playback` of a store."""

    def __init__(self, playback: Any) -> None:
        self._playback = playback

    def seek_tick(self, tick: int) -> None:
        """Moves to the end of a tick; -1 is the start."""
        self._playback.seek_tick(tick)

    def seek_seq(self, seq: int) -> None:
        """Moves to the position right after an event; 0 is the start."""
        self._playback.seek_seq(seq)

    def step_events(self, count: int) -> bool:
        """Moves by `count` events, backwards when it is negative; False when the history ended earlier."""
        return bool(self._playback.step_events(count))

    def step_ticks(self, count: int) -> bool:
        """Moves by `count` ticks, as step_events does by events."""
        return bool(self._playback.step_ticks(count))

    def run(
        self,
        query: Optional[Query] = None,
        *,
        condition: Optional[Callable[[Any, Event], bool]] = None,
        backwards: bool = False,
    ) -> bool:
        """Moves until an event matches the query and condition(state, event) is true."""
        return bool(self._playback._run(query._asked() if query is not None else None, condition, backwards))

    @property
    def position(self) -> Position:
        """The position in the history."""
        return Position(*self._playback._position)

    @property
    def event(self) -> Optional[Event]:
        """The last event that the state includes; None at the start."""
        event: Optional[Event] = self._playback.event
        return event

    @property
    def state(self) -> Any:
        """The state at the position."""
        return self._playback.state


# --- Opening ---


def open_log(path: Any, **options: Any) -> Log:
    """Opens a store for writing.

    mode: "create" (the default: when there is none), "existing", "new", or "memory" (a new store in memory, which
    close() discards; `path` is only its name in messages). sync: "full", "normal" or "off". background: write in a
    background thread of the log. clock: a function that returns seconds since the Unix epoch. first_type and
    first_data: the first event of every history of this program; another history is refused. For commit_every_ticks,
    busy_timeout_ms, max_data_bytes, max_depth, digests, queue_bytes, when_full ("wait", "fail"), max_type_bytes,
    max_tick_events, max_file_bytes, backup: see eventure_log_options of the C library.
    """
    return Log(path, **options)


def read(path: Any) -> History:
    """Opens a store for reading, while a log may write it."""
    return History(path)


def upgrade(path: Any, new_path: Any = None, *, replace: bool = False, backup: bool = True) -> Upgrade:
    """Brings a store of an older format up to date, in place or into a new file."""
    return Upgrade(*_eventure._upgrade(path, new_path, replace, backup))


def scratch() -> str:
    """A path for a store in a new temporary folder, for examples and experiments; removed at the end of the program."""
    folder = tempfile.mkdtemp(prefix="eventure-")
    _scratch_folders.append((folder, os.getpid()))
    return os.path.join(folder, "scratch.db")
