"""A process that holds keys leaves no core, and lets nobody look into it."""

import subprocess
import sys

ASK = """
import ctypes, resource, sys
from streams import dumps
dumps.forbid()
print(resource.getrlimit(resource.RLIMIT_CORE)[0], ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""


def test_no_core_dumps() -> None:
    """The limit is none, and on Linux the process is not dumpable."""
    said = subprocess.run(
        [sys.executable, "-c", ASK], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "0" == said[0]
    assert sys.platform != "linux" or "0" == said[1]
