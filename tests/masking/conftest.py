"""One masker a profile for the whole run: loading the model is the slow part."""

import pytest

from streams.masking import Masker


@pytest.fixture(scope="session")
def masker() -> Masker:
    """Return the default masker (profile `phi`)."""
    return Masker()


@pytest.fixture(scope="session")
def safe_harbor() -> Masker:
    """Return a masker under the Safe Harbor profile."""
    return Masker("safe-harbor")


@pytest.fixture(scope="session")
def strict() -> Masker:
    """Return a masker under the strict profile."""
    return Masker("strict")
