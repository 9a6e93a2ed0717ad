"""The wire contract: it says what the models say, documents it, and forgets no version."""

import json
import subprocess
import tempfile
import types
from collections.abc import Iterator
from enum import Enum
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from fastavro import schemaless_writer
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from streams.wire import codec, schemas
from tests.wire.generated import model_of, of_schema

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "schemas").glob("*.avsc"))
SIMPLE = {str: "string", bytes: "bytes", bool: "boolean", int: "long", type(None): "null"}
VERSIONS = sorted((name, version.hex()) for version, name in schemas.archive_index().items())


def read(file: Path) -> dict[str, Any]:
    """Return one schema file as it is written."""
    parsed: dict[str, Any] = json.loads(file.read_text())
    return parsed


def avro_of(kind: Any) -> Any:
    """Return how the schema must write an annotation of a model."""
    if kind in SIMPLE:
        return SIMPLE[kind]
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return avro_of(parts[0])
    if origin in {Union, types.UnionType}:
        return sorted((avro_of(part) for part in parts), key=lambda avro: avro != "null")
    if origin is tuple:
        return {"type": "array", "items": avro_of(parts[0])}
    if origin is Literal:
        return "phigate.Sealing"
    return f"phigate.{kind.__name__}"


def parts_of(kind: Any) -> Iterator[Any]:
    """Yield every model and enum that an annotation mentions, at any depth."""
    if get_args(kind):
        for part in get_args(kind):
            yield from parts_of(part)
    elif isinstance(kind, type) and issubclass(kind, BaseModel | Enum):
        yield kind
        for field in getattr(kind, "model_fields", {}).values():
            yield from parts_of(field.annotation)


def every_type() -> dict[str, Any]:
    """Return every model and enum that can be in a record, by name."""
    return {part.__name__: part for name in schemas.ROOTS for part in parts_of(model_of(name))}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_everything_is_documented(file: Path) -> None:
    """Every record, enum and field says what it is, in a sentence."""
    schema = read(file)
    docs = [schema.get("doc", ""), *(field.get("doc", "") for field in schema.get("fields", []))]
    assert [] == [doc for doc in docs if not doc.endswith(".") or len(doc) < 8]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_is_named_by_what_it_defines(file: Path) -> None:
    """The file's name is the type's full name: how one schema finds the next."""
    schema = read(file)
    assert file.stem == f"{schema['namespace']}.{schema['name']}"


def test_models_and_schemas_have_the_same_types() -> None:
    """No model is without a schema, and no schema without a model."""
    named = {read(file)["name"] for file in FILES}
    assert {*every_type(), "Sealing"} == named


@pytest.mark.parametrize("name", sorted(every_type()))
def test_a_model_and_its_schema_agree_field_by_field(name: str) -> None:
    """Names, order and types are the same; only the discriminator of a union is not written."""
    kind = every_type()[name]
    schema = read(ROOT / "schemas" / f"phigate.{name}.avsc")
    if issubclass(kind, Enum):
        assert [each.value for each in kind] == schema["symbols"]
        return
    expected = [
        (field, avro_of(each.annotation))
        for field, each in kind.model_fields.items()
        if not (field == "type" and get_origin(each.annotation) is Literal)
    ]
    assert expected == [(field["name"], field["type"]) for field in schema["fields"]]


def test_an_unknown_symbol_is_read_as_no() -> None:
    """Where a symbol may be read as another, that other is the one that permits nothing."""
    defaults = {read(file)["name"]: read(file).get("default") for file in FILES}
    enums = {"Effect": "forbid", "Answer": "deny", "Status": "unknown", "Requester": "none"}
    assert enums == {name: value for name, value in defaults.items() if value is not None}


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ('"null"', 7195948357588979594),
        ('"boolean"', -6970731678124411036),
        ('"int"', 8247732601305521295),
        ('"bytes"', 5746618253357095269),
        ('"string"', -8142146995180207161),
    ],
)
def test_fingerprints_are_those_of_avros_own_test_data(form: str, expected: int) -> None:
    """CRC-64-AVRO agrees with the Java implementation's vectors, little-endian."""
    assert expected.to_bytes(8, "little", signed=True) == schemas.fingerprint(form)


# ---------------------------------------------------------------- the archive


def test_every_current_version_is_archived() -> None:
    """Who edits a schema archives it: `python -m streams.wire.schemas archive`."""
    assert {} == schemas.missing()


def test_an_edited_schema_is_missing_until_it_is_archived(tmp_path: Path) -> None:
    """A changed schema is found out, `archive` adds one file, and then nothing is missing."""
    for file in FILES:
        (tmp_path / file.name).write_text(file.read_text())
    schemas.archive(tmp_path)
    edited = tmp_path / "phigate.Outcome.avsc"
    schema = read(edited)
    schema["fields"].append({"name": "more", "type": "string", "default": "", "doc": "More."})
    edited.write_text(json.dumps(schema))
    schemas.current.cache_clear()
    [new] = schemas.missing(tmp_path)
    assert [new] == schemas.archive(tmp_path)
    assert {} == schemas.missing(tmp_path)


@pytest.mark.parametrize(("name", "version"), VERSIONS)
def test_an_archived_version_is_what_its_name_says(name: str, version: str) -> None:
    """The file is the canonical form of its record, and its name holds its fingerprint."""
    file = ROOT / "schemas" / "history" / f"{name}.{version}.avsc"
    form = file.read_text().removesuffix("\n")
    assert version == schemas.fingerprint(form).hex()
    assert f"phigate.{name}" == json.loads(form)["name"]
    assert form == schemas.canonical(schemas.archived(name, bytes.fromhex(version)))


@pytest.mark.parametrize(("name", "version"), VERSIONS)
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_every_version_ever_written_can_be_read(
    name: str, version: str, data: st.DataObject
) -> None:
    """Data generated under each archived schema decodes into the current schema's fields."""
    fingerprint = schemas.Fingerprint(bytes.fromhex(version))
    writer = schemas.archived(name, fingerprint)
    stream = BytesIO()
    schemaless_writer(stream, writer, data.draw(of_schema(writer)), strict=True)
    encoded = codec.MARKER + fingerprint + stream.getvalue()
    fields = [field["name"] for field in schemas.current(name)["fields"]]
    assert sorted(fields) == sorted(codec.unpack(encoded, name))


def committed(repository: Path) -> dict[str, str]:
    """Return the archive's file name of every version in git's history, and one of its commits."""
    found: dict[str, str] = {}
    for commit in _git(repository, "log", "--format=%H", "--", "schemas").split():
        for name, form in _versions(repository, commit).items():
            fingerprint = schemas.fingerprint(form)
            found[schemas.archive_name(name, fingerprint)] = commit
    return found


def _versions(repository: Path, commit: str) -> dict[str, str]:
    listed = _git(repository, "ls-tree", "--name-only", commit, "schemas/").split()
    files = [name for name in listed if name.endswith(".avsc")]
    roots = [name for name in schemas.ROOTS if f"schemas/phigate.{name}.avsc" in files]
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for name in files:
            (folder / Path(name).name).write_text(_git(repository, "show", f"{commit}:{name}"))
        return {name: schemas.canonical(schemas.current(name, folder)) for name in roots}


def _git(repository: Path, *arguments: str) -> str:
    command = ["git", "-C", str(repository), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _has_history(repository: Path) -> bool:
    command = ["git", "-C", str(repository), "rev-parse", "--verify", "-q", "HEAD"]
    return (repository / ".git").exists() and not subprocess.run(
        command, check=False, capture_output=True
    ).returncode


def test_every_committed_version_is_archived() -> None:
    """Whatever stood in a commit may have written records: the archive has it.

    Without git's history (a source archive) the tests above still hold the archive together.
    """
    archive = {file.name for file in (ROOT / "schemas" / "history").glob("*.avsc")}
    found = committed(ROOT) if _has_history(ROOT) else {}
    assert {} == {file: commit for file, commit in found.items() if file not in archive}


def test_a_version_that_was_committed_once_is_found(tmp_path: Path) -> None:
    """The search itself finds both versions of a record that was changed in a second commit."""
    (tmp_path / "schemas").mkdir()
    _git(tmp_path, "init", "-q")
    for fields in (["a"], ["a", "b"]):
        schema = {
            "type": "record",
            "namespace": "phigate",
            "name": "Outcome",
            "fields": [{"name": name, "type": "string"} for name in fields],
        }
        (tmp_path / "schemas" / "phigate.Outcome.avsc").write_text(json.dumps(schema))
        _git(tmp_path, "add", ".")
        author = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
        _git(tmp_path, *author, "commit", "-qm", "schemas")
    assert 2 == len(committed(tmp_path))
