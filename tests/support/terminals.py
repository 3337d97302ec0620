"""For tests that need a pseudo-terminal, which a container may lack."""

import os
import pty
import sys

# The bytes that a test writes to a terminal when the program has ended, and up to which it reads. The test keeps the
# terminal open until then, because some systems discard unread bytes when the last user of a terminal closes it.
LAST = b"\0the end\0"


def why_no_terminals():
    """Returns the reason why this system has no pseudo-terminals, or None."""
    try:
        for end in pty.openpty():
            os.close(end)
    except OSError as error:
        return f"needs a pseudo-terminal: {error}"
    return None


def need_terminals():
    """Ends the test as skipped (77) when this system has no pseudo-terminals."""
    reason = why_no_terminals()
    if reason is not None:
        print(f"skipped: {reason}")
        sys.exit(77)
