"""The bus: handlers of events."""

from typing import Any, Callable, List, TypeVar

from . import _eventure
from .reducer import fold_of

Handler = Callable[[Any], Any]
AnyHandler = TypeVar("AnyHandler", bound=Handler)


class Subscription:
    """A handler's subscription. Calling it ends the subscription. As a context manager, it ends with the block."""

    __slots__ = ("_bus", "_number", "pattern", "handler")

    def __init__(self, bus: Any, number: int, pattern: str, handler: Handler) -> None:
        self._bus = bus
        self._number = number
        self.pattern = pattern
        self.handler = handler

    def __call__(self) -> None:
        self._bus._unsubscribe(self._number)

    cancel = __call__

    def __enter__(self) -> "Subscription":
        return self

    def __exit__(self, *error: Any) -> None:
        self()

    def __repr__(self) -> str:
        return f"<Subscription {self.pattern!r} of {self.handler!r}>"


class Bus(_eventure.Bus):
    """Publishes events: each is appended to the log, and the handlers of its type are called at once.

    Patterns: "player.move", "player.*", "*.error", "*". Handlers are called in that order of kinds, and within a
    kind in the order in which they were subscribed. When a handler raises an exception, the dispatch ends and publish
    raises it; the event stays in the log.
    """

    def subscribe(self, pattern: str, handler: Handler) -> Subscription:
        """Subscribes a handler, and returns the subscription; a call of the subscription ends it."""
        return Subscription(self, self._subscribe(pattern, handler), pattern, handler)

    def on(self, *patterns: str) -> Callable[[AnyHandler], AnyHandler]:
        """Subscribes a function, as a decorator."""
        if not patterns or not all(isinstance(pattern, str) for pattern in patterns):
            raise TypeError("on needs a pattern: @bus.on('combat.*')")

        def add(handler: AnyHandler) -> AnyHandler:
            for pattern in patterns:
                self._subscribe(pattern, handler)
            return handler

        return add

    def fold(self, reducer: Any, *, initial: Any = None) -> Any:
        """Folds every event of the log before its handlers are called; `state` of the result is the current state."""
        return self._fold(fold_of(reducer, initial))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} on {self.log!r}>"


__all__: List[str] = ["Bus", "Subscription"]
