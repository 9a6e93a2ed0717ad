"""Leaving, without the process ending: `os._exit` raises here what a test can catch."""

import os
from typing import NoReturn

import pytest


class Left(BaseException):
    """The process would have ended here, with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def catch(patch: pytest.MonkeyPatch) -> None:
    """Let `leave` raise `Left` for the length of a test."""

    def leave(code: int) -> NoReturn:
        raise Left(code)

    patch.setattr(os, "_exit", leave)
