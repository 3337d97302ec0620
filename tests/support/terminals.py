"""For tests that need a pseudo-terminal, which a container may lack."""

import os
import pty
import sys

# What a test writes to a terminal when the program has ended, and reads up to. The test keeps the terminal open until
# then, because some systems drop what is unread when the last user of a terminal closes it.
LAST = b"\0the end\0"


def need_terminals():
    """Ends the test as skipped (77) when this system gives us no pseudo-terminal."""
    try:
        for end in pty.openpty():
            os.close(end)
    except OSError as error:
        print(f"skipped: needs a pseudo-terminal: {error}")
        sys.exit(77)
