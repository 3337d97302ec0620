"""EventBus: the bus of the pure-Python package eventure 0.4.4."""

from typing import Any, Callable, Dict, List, Optional

from . import _eventure
from .event import Event
from .event_log import EventLog

__all__ = ["Event", "EventBus", "EventLog"]


class EventBus(_eventure.Bus):
    """Publishes events to the handlers that subscribed to their types.

    >>> bus = EventBus(EventLog())
    >>> unsubscribe = bus.subscribe("user.*", lambda event: print(event.type, event.data))
    >>> _ = bus.publish("user.created", {"user_id": 1})
    user.created {'user_id': 1}
    """

    def __init__(self, event_log: Optional[EventLog]) -> None:
        super().__init__(event_log)
        self.event_log = event_log
        self.subscribers: Dict[str, List[Callable[[Event], Any]]] = {}

    def subscribe(self, event_type: str, handler: Callable[[Event], Any]) -> Callable[[], None]:
        """Subscribes a handler to a type or a pattern, and returns a function that ends the subscription."""
        number = self._subscribe(event_type, handler)
        self.subscribers.setdefault(event_type, []).append(handler)

        def unsubscribe() -> None:
            if self._unsubscribe(number):
                self.subscribers[event_type].remove(handler)

        return unsubscribe
