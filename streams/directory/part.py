"""What the directory's models are made of."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints


class DirectoryPart(BaseModel):
    """Base of all: frozen, and closed against fields nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def filled(kind: type) -> BeforeValidator:
    """`people:` with nothing below it is an empty section, which YAML reads as an empty text.

    Programs that write YAML spell it `null`.
    """
    return BeforeValidator(lambda value: kind() if value in ("", "null", None) else value)


# A name: printable, no space, so that it stands in a line of log or a key's text as one word.
Name = Annotated[str, StringConstraints(pattern=r"^[!-*,-~\p{L}\p{N}]+$", max_length=128)]
Line = Annotated[str, StringConstraints(max_length=200)]
