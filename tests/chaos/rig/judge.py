"""`python -m tests.chaos.rig.judge HOME`: read the history of a home, print what is found.

A process of its own, so that a log which the next version has written is judged by that version.
"""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from streams.settings import load_settings
from tests.chaos.rig import checker, collect, rows
from tests.chaos.rig.history import History
from tests.chaos.rig.refold import refold

SHOWN_MAX = 5


def judge(history: History) -> dict[str, Any]:
    """Return how many of each kind were found, some of them by name, and what ended how."""
    found = checker.check(history)
    folded = refold(history.of("cases"))
    return {
        "events": len(folded.consequences),
        "executed": len(history.ran),
        "ended": dict(Counter(str(case.state) for case in folded.cases.values())),
        **{name: len(each) for name, each in found.items()},
        "stale_last": len(rows.stale(history)),
        "shown": [f"{name}: {x}" for name, each in found.items() for x in sorted(each)[:SHOWN_MAX]],
    }


if __name__ == "__main__":
    settings = load_settings(home=Path(sys.argv[1]))
    planted = (settings.home / "planted").read_text().split()
    sys.stdout.write(json.dumps(judge(collect.collect(settings, planted))))
