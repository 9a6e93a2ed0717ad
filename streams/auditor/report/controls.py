"""The controls that a report speaks of; their words stand in `controls.yaml` beside this."""

from functools import cache
from importlib import resources
from typing import Final, Literal

import yaml
from pydantic import model_validator

from streams.auditor.report.figures import EXCEPTIONS, LABELS, SAMPLES
from streams.events import Message

NAMES: Final = ("hipaa", "soc2", "fedramp")


class Criterion(Message):
    """One control: what shows it, by name, and what is left to others."""

    id: str
    title: str
    coverage: Literal["shown", "in part", "not covered"]
    shows: str
    left: str
    figures: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _known(self) -> "Criterion":
        """Refuse a name that nothing is counted under."""
        for named, known in (
            (self.figures, LABELS),
            (self.samples, SAMPLES),
            (self.exceptions, EXCEPTIONS),
        ):
            if unknown := set(named) - set(known):
                raise ValueError(f"{self.id}: nothing is counted under {sorted(unknown)}")
        return self


class Framework(Message):
    """One framework's controls, in its own order, and what phigate covers nothing of."""

    title: str
    source: str
    controls: tuple[Criterion, ...]
    outside: tuple[str, ...]


class Catalogue(Message):
    """All frameworks, by name, and what phigate does not cover in any."""

    not_covered: tuple[str, ...]
    frameworks: dict[str, Framework]


@cache
def catalogue() -> Catalogue:
    """Return the catalogue; ValidationError where the file is wrong (a test reads it)."""
    text = resources.files("streams.auditor.report").joinpath("controls.yaml").read_text()
    return Catalogue.model_validate(yaml.safe_load(text))
