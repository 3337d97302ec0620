"""The exceptions of the package. Each has `status`, the status number of the library, and the text of the error."""

from typing import Dict, Type

from . import _eventure


class Error(Exception):
    """The base class of all errors of the package."""

    status: int = 0

    @property
    def name(self) -> str:
        """The name of the status, such as 'EVENTURE_ERROR_JSON'."""
        return _eventure.status_name(self.status)


class ArgumentError(Error, ValueError):
    """The call itself is wrong: a bad pattern, an option out of range."""


class OutOfMemoryError(Error, MemoryError):
    """Out of memory."""


class StorageError(Error, OSError):
    """The file or the system failed: cannot open, disk full, I/O error."""


class BusyError(Error, OSError):
    """Another log writes this file, or a lock could not be obtained in time."""


class CorruptError(Error, OSError):
    """The file is damaged."""


class FormatError(Error, ValueError):
    """Not an Eventure store, one of a newer format, or the history of another program."""


class DataError(Error, ValueError):
    """Data is not valid JSON, or does not have the required form."""


class TypeNameError(Error, ValueError):
    """An event type is not acceptable, or a member has another type."""


class TickError(Error, ValueError):
    """A tick is out of range, or before the current tick."""


class ParentError(Error, LookupError):
    """A parent is not in this store."""


class NotFoundError(Error, LookupError):
    """There is no such event, file or name."""


class ExistsError(Error, ValueError):
    """An id, a name or a file exists already."""


class LimitError(Error, ValueError):
    """A limit was reached; the text names it."""


class ReadOnlyError(Error, OSError):
    """The file cannot be written."""


class HandlerError(Error, RuntimeError):
    """A callback failed without raising an exception."""


class InterruptedByCallback(Error):
    """A progress callback asked to stop, by returning False."""


class ArchivedError(Error, LookupError):
    """The event is in an archive, which the text names."""


class HandleError(Error, RuntimeError):
    """A handle was used when it is closed, in another thread, or after fork()."""


BY_STATUS: Dict[int, Type[Error]] = {
    -1: ArgumentError,
    -2: OutOfMemoryError,
    -3: StorageError,
    -4: BusyError,
    -5: CorruptError,
    -6: FormatError,
    -7: DataError,
    -8: TypeNameError,
    -9: TickError,
    -10: ParentError,
    -11: NotFoundError,
    -12: ExistsError,
    -13: LimitError,
    -14: ReadOnlyError,
    -15: HandlerError,
    -16: InterruptedByCallback,
    -17: ArchivedError,
}

_eventure._set_errors({**BY_STATUS, None: Error}, HandleError)
