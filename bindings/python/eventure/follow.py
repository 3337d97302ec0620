"""Following a store: the stored events, and then each event that is committed later."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, AsyncIterator, Iterator, Optional

from . import _eventure
from .event import Event
from .store import question

_PIECE_MS = 500


class Follower(_eventure.Follower):
    """An iterator of events that waits for the next one. Made by eventure.follow."""

    _timeout_ms: int = -1
    _autocommit: bool = False
    _handed: bool = False

    def next(self, timeout: Optional[float] = None) -> Optional[Event]:
        """The next event; None after `timeout` seconds without one. Without a timeout it waits without a limit."""
        left_ms = -1 if timeout is None else max(0, int(timeout * 1000))
        while True:
            # Waits in pieces, so that a signal that arrives just before a wait is handled after one piece.
            piece = _PIECE_MS if left_ms < 0 else min(_PIECE_MS, left_ms)
            event = self._next(piece)
            if event is not None or 0 <= left_ms <= piece:
                return event
            if left_ms >= 0:
                left_ms -= piece

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        if self._autocommit and self._handed:
            self.commit()
        self._handed = False
        event = self.next(None if self._timeout_ms < 0 else self._timeout_ms / 1000)
        if event is None:
            raise StopIteration
        self._handed = True
        return event

    def __enter__(self) -> "Follower":
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()


class Following:
    """The result of eventure.follow: iterate it with `for`, or with `async for`."""

    def __init__(self, *arguments: Any, timeout: Optional[float], commit: bool) -> None:
        self._arguments = arguments
        self._timeout_ms = -1 if timeout is None else max(0, int(timeout * 1000))
        self._commit = commit
        self._follower: Optional[Follower] = None

    def open(self) -> Follower:
        """Returns the follower itself, for programs that call next() and commit()."""
        if self._follower is None:
            self._follower = Follower(*self._arguments)
            self._follower._timeout_ms = self._timeout_ms
            self._follower._autocommit = self._commit
        return self._follower

    def __iter__(self) -> Iterator[Event]:
        return self.open()

    def __enter__(self) -> Follower:
        return self.open()

    def __exit__(self, *error: Any) -> None:
        self.close()

    def close(self) -> None:
        """Closes the follower if it was opened."""
        if self._follower is not None:
            self._follower.close()
            self._follower = None

    async def __aiter__(self) -> AsyncIterator[Event]:
        # A follower can be used in one thread only, so it gets its own thread.
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1, thread_name_prefix="eventure-follow") as thread:
            follower = await loop.run_in_executor(thread, self.open)
            waited_ms = 0
            try:
                while True:
                    event = await loop.run_in_executor(thread, follower._next, 50)
                    if event is None:
                        waited_ms += 50
                        if 0 <= self._timeout_ms <= waited_ms:
                            return
                        continue
                    waited_ms = 0
                    yield event
                    if self._commit:
                        await loop.run_in_executor(thread, follower.commit)
            finally:
                self._follower = None
                thread.submit(follower.close)


def follow(
    path: Any,
    name: Optional[str] = None,
    *,
    from_end: bool = False,
    position_path: Any = None,
    timeout: Optional[float] = None,
    commit: bool = True,
    **conditions: Any,
) -> Following:
    """Follows a store, with `for` or `async for`; it ends after `timeout` seconds without an event.

    With a name, the position is saved in a file beside the store. An event is not returned again once the loop requests
    the next one (commit=False: once Follower.commit is called). The conditions are those of `events`, except order,
    reverse and limit.
    """
    spec, empty = question(**conditions)
    if empty:
        raise ValueError("the conditions match no event")
    return Following(path, name, spec, from_end, position_path, timeout=timeout, commit=commit and name is not None)
