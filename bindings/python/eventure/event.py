"""The class Event. It is defined in C; this module adds the methods that are called rarely."""

import json
from typing import Any, ClassVar, Dict, Optional

from . import errors  # noqa: F401  (registers the exceptions)
from ._eventure import Event, type_hash

__all__ = ["Event"]


def _next_id(cls: type, tick: int, type: str) -> str:
    """Returns an id for an event that a program creates. As in the pure-Python package, ids are counted per process."""
    hash = type_hash(type)
    return f"{tick}-{hash}-{cls._get_next_sequence(tick, hash)}"  # type: ignore[attr-defined]


def _get_next_sequence(cls: Any, tick: int, type_hash: str) -> int:
    hashes: Dict[str, int] = cls._event_sequences.setdefault(tick, {})
    hashes[type_hash] = hashes.get(type_hash, 0) + 1
    return hashes[type_hash]


def _to_json(self: Event) -> str:
    """Returns the event as one line of JSON, as `EventLog.save_to_file` writes it."""
    return json.dumps(
        {
            "tick": self.tick,
            "timestamp": self.timestamp,
            "type": self.type,
            "data": self.data,
            "event_id": self.id,
            "parent_id": self.parent_id,
        }
    )


def _from_json(cls: Any, json_str: str) -> Event:
    """Makes an event from its line of JSON."""
    line = json.loads(json_str)
    event: Event = cls(
        tick=line["tick"],
        timestamp=line["timestamp"],
        type=line["type"],
        data=line["data"],
        id=line.get("event_id"),
        parent_id=line.get("parent_id"),
    )
    return event


def _store_of(self: Any) -> Any:
    if self._store is None:
        raise errors.HandleError("the event is not of a store that can be asked; ask the store by its id")
    return self._store


def _question(self: Any, **spec: Any) -> Any:
    from .store import Query

    return Query(_store_of(self), spec)


def _parent(self: Any) -> Optional[Event]:
    """The event that caused it; None when there is none, or it is outside the store."""
    return _store_of(self)._find(self.parent_seq) if self.parent_seq else None


def _children(self: Any) -> Any:
    """The events that it caused, as a Query."""
    return _question(self, children_of=self.id)


def _cascade(self: Any, order: str = "breadth_first") -> Any:
    """The event and all its descendants, as a Query; order is 'breadth_first', 'append' or 'id'."""
    return _question(self, cascade_of=self.id, order=order)


def _ancestors(self: Any) -> Any:
    """Its parent, the parent's parent and so on, as a Query."""
    return _question(self, ancestors_of=self.id)


_sequences: ClassVar[Dict[int, Dict[str, int]]] = {}  # type: ignore[misc]

for _name, _member in {
    "_event_sequences": _sequences,
    "_next_id": classmethod(_next_id),
    "_get_next_sequence": classmethod(_get_next_sequence),
    "_generate_type_hash": staticmethod(type_hash),
    "to_json": _to_json,
    "from_json": classmethod(_from_json),
    "parent": property(_parent),
    "children": _children,
    "cascade": _cascade,
    "ancestors": _ancestors,
}.items():
    setattr(Event, _name, _member)
