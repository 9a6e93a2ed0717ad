"""The demonstration: seven intents, from proposal to evidence, on a real Kafka with real data.

Run it with `deploy/demo`; `deploy/demo --play` leaves everything running and says what to type.
Its last line is JSON, counted from the topics, not from what the story meant to do.
"""

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streams.worker.supervise import Supervisor

HOME = Path(os.environ.get("PHIGATE_DEMO_HOME", Path(__file__).parent.parent / ".demo")).absolute()
os.environ["PHIGATE_HOME"] = str(HOME)
os.environ["PHIGATE_CLINIC"] = str(HOME / "clinic")

PLAY = """
Everything is running. In another terminal, type what the README's "Try it" says, or:

  . {bin}/activate
  export PHIGATE_HOME={home}
  phigate inbox --as petra
  phigate topics read verdicts
  phigate audit verify

Ctrl-C here stops it.
"""


def main() -> int:
    """Set the stage, play the story, print what came of it."""
    parser = argparse.ArgumentParser(prog="deploy/demo", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--play", action="store_true", help="leave it running, and say what to type"
    )
    arguments = parser.parse_args()
    started_s = time.monotonic()

    def say(text: str) -> None:
        print(f"demo: [{time.monotonic() - started_s:5.1f} s] {text}", flush=True)

    (HOME / "clinic").mkdir(parents=True, exist_ok=True)
    import stage  # noqa: PLC0415 - they read the environment set above
    import story  # noqa: PLC0415 - after the path is set

    settings = stage.make(HOME)
    with stage.running(settings, say) as supervisor:
        say("the story begins")
        summary = story.tell(settings)
        if arguments.play:
            print(PLAY.format(bin=Path(sys.executable).parent, home=HOME), flush=True)
            _wait(supervisor)
    print(json.dumps(summary), flush=True)
    return 0 if story.as_expected(summary) else 1


def _wait(supervisor: "Supervisor") -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        while True:
            supervisor.tend()
            time.sleep(0.2)
    except KeyboardInterrupt:
        print(flush=True)


if __name__ == "__main__":
    sys.exit(main())
