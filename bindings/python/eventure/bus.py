"""The bus: handlers of events."""

from typing import Any, Callable, List, TypeVar

from . import _eventure
from .reducer import fold_of

Handler = Callable[[Any], Any]
AnyHandler = TypeVar("AnyHandler", bound=Handler)


class Subscription:
    """A handler's subscription; called, it ends, and so does leaving it as a context."""

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
    """Publishes events: each is appended to the log, and handed to the handlers of its type at once.

    Patterns: "player.move", "player.*", "*.error", "*". Handlers are called in that order of kinds, and within one in
    the order in which they were subscribed. What a handler raises ends the dispatch and comes out of publish; the event
    stays in the log.
    """

    def subscribe(self, pattern: str, handler: Handler) -> Subscription:
        """Subscribes; call what is returned to end it."""
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
        """Keeps a state up to date with every event of the log, before any handler; its `state` is that of now."""
        return self._fold(fold_of(reducer, initial))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} on {self.log!r}>"


__all__: List[str] = ["Bus", "Subscription"]
