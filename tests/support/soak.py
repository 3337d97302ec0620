"""Whether a test runs in tools/soak.sh: it then repeats all of its work, as harness_more does for tests in C."""

import os

SOAKS = int(os.environ.get("EVENTURE_SOAK_SECONDS", "0")) > 0
