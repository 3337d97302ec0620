"""For tests that need a pseudo-terminal, which a container may lack."""

import os
import pty
import sys


def need_terminals():
    """Ends the test as skipped (77) when this system gives us no pseudo-terminal."""
    try:
        for end in pty.openpty():
            os.close(end)
    except OSError as error:
        print(f"skipped: needs a pseudo-terminal: {error}")
        sys.exit(77)
