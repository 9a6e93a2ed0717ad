"""`phigate mask`: the masker at the command line, for lines of JSON and for whole documents."""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from streams.commandline import Lone

if TYPE_CHECKING:
    from streams.masking.masker import Masker
    from streams.masking.results import About, Masked

_PROFILES = ("safe-harbor", "phi", "strict")
_LINES_SHOWN_MIN = 50


@click.command("mask", cls=Lone)
@click.argument("source", required=False, type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--jsonl", is_flag=True, help="Read {id, text} or {id, document} a line; answer a line each."
)
@click.option(
    "--document",
    type=click.Path(path_type=Path, allow_dash=True),
    help="Mask one file of any format.",
)
@click.option("--profile", type=click.Choice(_PROFILES), default="phi", show_default=True)
@click.option("--config", type=click.Path(path_type=Path), help="The masking file (YAML).")
@click.option(
    "--explain",
    is_flag=True,
    help="Say which recognizer found what, and why each other value is kept, without the values.",
)
def mask(  # noqa: PLR0913 - the state of one step
    source: Path | None,
    *,
    jsonl: bool,
    document: Path | None,
    profile: str,
    config: Path | None,
    explain: bool,
) -> None:
    """Mask PHI in texts, JSON and clinical messages.

    With --jsonl, reads SOURCE (or standard input) line by line. With --document, or a SOURCE alone,
    masks one document: JSON, FHIR, HL7 v2, X12, C-CDA, NCPDP or plain text. Ends with 1 where
    something had to be withheld or a line could not be read.

    \b
    Examples:
      phigate mask letter.txt
      phigate mask --document message.hl7 --explain
      phigate mask --jsonl notes.jsonl > masked.jsonl
    """
    if jsonl and document:
        raise click.UsageError("--jsonl and --document are two ways to read; choose one")
    masker = _masker(profile, config)
    if jsonl:
        whole = _lines(masker, source, explain=explain)
    else:
        whole = _document(masker, document or source or Path("-"), explain=explain)
    if not whole:
        sys.exit(1)


def _masker(profile: str, config: Path | None) -> "Masker":
    from streams.errors import OperatorError  # noqa: PLC0415 - imported late, where it is used
    from streams.masking import Masker, MaskingConfig  # noqa: PLC0415 - imported late, where it is used

    try:
        settings = MaskingConfig.from_yaml(config.read_text("utf-8")) if config else None
        return Masker(profile, settings)
    except (OperatorError, OSError, UnicodeDecodeError) as error:
        hint = getattr(error, "hint", "")
        click.echo(f"phigate mask: {error}" + (f"\n  {hint}" if hint else ""), err=True)
        sys.exit(2)


def _lines(masker: "Masker", source: Path | None, *, explain: bool) -> bool:
    whole = True
    for line in _progress(_read(source)):
        if line.strip():
            answer, complete = answer_line(masker, line, explain=explain)
            whole = whole and complete
            click.echo(json.dumps(answer, ensure_ascii=False))
    return whole


def answer_line(
    masker: "Masker", line: bytes, *, explain: bool = False
) -> tuple[dict[str, Any], bool]:
    """Return the answer to one line, and whether nothing in it was withheld."""
    try:
        request = json.loads(line)
        name = request.get("id")
        given = request["document"] if "document" in request else request["text"]
    except (ValueError, KeyError, AttributeError, RecursionError):
        return {"id": None, "error": "undecodable"}, False
    masked = masker.mask(given, _about(explain=explain))
    answer = {"id": name, "masked": masked.document, "spans": _spans(masked, explain=explain)}
    if explain or "document" in request:
        answer["findings"] = _findings(masked)
    if explain or masked.unsure:
        answer["unsure"] = masked.unsure
    if explain:
        answer["kept"] = [kept._asdict() for kept in masked.kept]
    if masked.withheld:
        answer["withheld"] = masked.withheld
    if masked.why_not_whole:
        answer["why_not_whole"] = list(masked.why_not_whole)
    return answer, not masked.withheld


def _about(*, explain: bool) -> "About":
    from streams.masking.results import About  # noqa: PLC0415 - imported late, where it is used

    return About(explain=explain)


def _spans(masked: "Masked", *, explain: bool) -> list[dict[str, Any]]:
    names = ("start", "end", "type", "score", *(("recognizer",) if explain else ()))
    return [{name: getattr(span, name) for name in names} for span in masked.spans]


def _findings(masked: "Masked") -> list[dict[str, Any]]:
    names = ("type", "count", "paths", "recognizer", "score")
    return [{name: getattr(finding, name) for name in names} for finding in masked.findings]


def _document(masker: "Masker", source: Path, *, explain: bool) -> bool:
    text = _decoded(b"".join(_read(source)))
    if text is None:
        click.echo("<WITHHELD_1>")
        click.echo("phigate mask: the file is no UTF-8 or UTF-16 text: withheld", err=True)
        return False
    about = _about(explain=explain)
    try:
        masked = masker.mask(json.loads(text), about)
        click.echo(json.dumps(masked.document, ensure_ascii=False, indent=2))
    except (ValueError, RecursionError):
        masked = masker.mask_text(text, about)
        click.echo(masked.document, nl=not text.endswith(("\n", "\r")))
    if explain:
        for found in masked.findings:
            click.echo(
                f"{found.type:12} {found.count:5}  {found.recognizer:16} {found.score:.2f}  "
                + ", ".join(found.paths[:5]),
                err=True,
            )
        for row in masked.legend:
            click.echo(f"{row.token:12} {row.said}", err=True)
        if masked.why_not_whole:
            click.echo(f"no whole preview: {', '.join(masked.why_not_whole)}", err=True)
        _kept(masked)
    return not masked.withheld


def _kept(masked: "Masked") -> None:
    """Say of each value that was not masked where it is, its shape, and why it is kept."""
    for kept in masked.kept:
        click.echo(f"{'kept':12} {kept.why or 'UNSURE':20} {kept.path}  {kept.shape}", err=True)
    click.echo(f"{masked.unsure} unsure", err=True)


def _decoded(data: bytes) -> str | None:
    encoding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _read(source: Path | None) -> Iterable[bytes]:
    if source is None or str(source) == "-":
        return sys.stdin.buffer
    try:
        return source.read_bytes().splitlines(keepends=True)
    except OSError as error:
        click.echo(f"phigate mask: cannot read {source}: {error.strerror}", err=True)
        sys.exit(2)


def _progress(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Show a bar on a terminal, where the number of lines is known and not small."""
    if isinstance(lines, list) and len(lines) >= _LINES_SHOWN_MIN and sys.stderr.isatty():
        with click.progressbar(lines, label="Masking", file=sys.stderr) as bar:
            yield from bar
    else:
        yield from lines
