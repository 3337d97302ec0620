"""EventQuery: the queries and the viewer of the pure-Python package eventure 0.4.4."""

import sys
from typing import Any, Dict, List, Optional, Set, TextIO, Tuple

from .errors import NotFoundError
from .event import Event
from .store import Store


class EventQuery:
    """Queries an event log, and prints it.

    >>> from eventure import EventLog
    >>> log = EventLog()
    >>> _ = log.add_event("user.created", {"user_id": 1})
    >>> EventQuery(log).count_events_by_type()
    {'user.created': 1}
    """

    def __init__(self, event_log: Any) -> None:
        self.event_log: Store = event_log

    # Queries

    def get_events_by_type(self, event_type: str) -> List[Event]:
        """The events of a type, which is not a pattern."""
        return self.event_log._cursor({"type": event_type, "exact": True}).all() if event_type else []

    def get_events_by_data(self, key: str, value: Any) -> List[Event]:
        """The events whose data has this member, equal as a JSON value."""
        try:
            return self.event_log._cursor({"data": {key: value}}).all()
        except (TypeError, ValueError):  # no event contains a value that JSON does not have
            return []

    def get_child_events(self, parent_event: Event) -> List[Event]:
        """The events that an event caused."""
        try:
            return self.event_log._cursor({"children_of": parent_event.id}).all()
        except NotFoundError:
            return []

    def get_cascade_events(self, root_event: Event) -> List[Event]:
        """The event and all its descendants, level by level."""
        try:
            return self.event_log._cursor({"cascade_of": root_event.id}).all()
        except NotFoundError:
            return [root_event]

    def count_events_by_type(self) -> Dict[str, int]:
        """The number of events of each type, in the order in which the types first appeared."""
        return self.event_log._count_by_type()

    def get_events_at_tick(self, tick: int) -> List[Event]:
        """The events of a tick."""
        return self.event_log._cursor({"tick_min": tick, "tick_end": tick + 1}).all() if tick >= 0 else []

    def get_root_events(self, tick: Optional[int] = None) -> List[Event]:
        """The events without a parent, or with a parent in an earlier tick: those of a tick, or of all ticks."""
        if tick is None:
            return self.event_log._cursor({"roots": True}).all()
        if tick < 0:
            return []
        return self.event_log._cursor({"roots": True, "tick_min": tick, "tick_end": tick + 1}).all()

    # The viewer

    def print_event_cascade(self, file: Optional[TextIO] = None, show_data: bool = True) -> None:
        """Prints the whole history, causes above their effects."""
        self.event_log._print(sys.stdout if file is None else file, None, False, 0, 0, show_data, False, True)

    def print_single_cascade(self, root_event: Event, file: Optional[TextIO] = None, show_data: bool = True) -> None:
        """Prints an event and its descendants within its tick."""
        self.event_log._print(sys.stdout if file is None else file, root_event.id, False, 0, 0, show_data, False, True)

    def print_event_details(self, event: Event, file: Optional[TextIO] = None, show_data: bool = True) -> None:
        """Prints one event."""
        self.event_log._print(sys.stdout if file is None else file, event.id, True, 0, 0, show_data, False, True)

    # Helper functions that programs written for the pure-Python package may use.

    def _parent_of(self, event: Event) -> Optional[Event]:
        if not event.parent_id:
            return None
        try:
            return self.event_log._find(event.parent_id)
        except NotFoundError:
            return None

    def _group_events_by_tick(self) -> Dict[int, List[Event]]:
        groups: Dict[int, List[Event]] = {}
        for event in self.event_log._cursor({}):
            groups.setdefault(event.tick, []).append(event)
        return groups

    def _identify_root_and_child_events(self, tick_events: List[Event]) -> Tuple[List[Event], Set[str]]:
        roots: List[Event] = []
        children: Set[str] = set()
        for event in tick_events:
            parent = self._parent_of(event)
            if parent is not None and parent.tick == event.tick:
                children.add(event.id)
            else:
                roots.append(event)
        return roots, children

    def _get_sorted_children(
        self, event: Event, tick_events: List[Event], known_children: Set[str]
    ) -> List[Event]:
        return [child for child in tick_events if child.parent_id == event.id and child.id in known_children]

    def _get_event_display_info(self, event: Event) -> Tuple[str, str]:
        if not event.parent_id:
            return "●", ""
        parent = self._parent_of(event)
        if parent is not None and parent.tick < event.tick:
            return "↓", f" (caused by: {parent.type} @ tick {parent.tick})"
        return "└─", ""

    def _print_future_triggers(
        self, event: Event, indent: str, event_prefix: str, file: Optional[TextIO] = None
    ) -> None:
        counts: Dict[int, int] = {}
        for child in self.get_child_events(event):
            if child.tick > event.tick:
                counts[child.tick] = counts.get(child.tick, 0) + 1
        if counts:
            ticks = ", ".join(f"tick {tick} ({counts[tick]})" for tick in sorted(counts))
            colon = ":" if len(counts) > 1 else ""
            mark = "│ " if event_prefix == "└─" else "  "
            print(f"{indent}{mark}↓ Triggers events in{colon} {ticks}", file=file)
