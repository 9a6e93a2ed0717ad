"""The next version of phigate, as a copy with one more field in two schemas; its log can be judged.

Workers that read the log go first (audit, fold), the one that writes it (admit) last: a version
that a reader does not know yet is unreadable to it.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
ORDER = ("audit", "fold", "admit")
FIELD = {"name": "upgraded", "type": "string", "default": "", "doc": "A field of the next version."}
MODELS = {  # the class whose model gets the field, and the line it goes behind
    "CaseEvent": ("streams/events.py", "    source: Source\n    body: Body\n"),
    "Case": ("streams/gate/case.py", "    outcome_event_id: str | None\n    applied: Position\n"),
}


def make(target: Path) -> Path:
    """Copy this version to `target`, change it, archive its schemas; return `target`."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("streams", "schemas"):
        shutil.copytree(ROOT / name, target / name, symlinks=True, ignore=ignored)
    for name, (file, line) in MODELS.items():
        schema = target / "schemas" / f"phigate.{name}.avsc"
        changed = json.loads(schema.read_text())
        changed["fields"].append(FIELD)
        schema.write_text(json.dumps(changed, indent=2))
        source = target / file
        text = source.read_text()
        if line not in text:
            raise RuntimeError(f"{file} has changed: the upgrade does not know where to add to it")
        source.write_text(text.replace(line, f'{line}    upgraded: str = ""\n', 1))
    archive = [sys.executable, "-m", "streams.wire.schemas", "archive"]
    subprocess.run(archive, cwd=target, check=True, capture_output=True)
    return target
