"""A prefix of its own for every test that uses the shared broker."""

from tests.wire.conftest import place

__all__ = ["place"]
