"""How a process leaves."""

import logging

import pytest

from streams.errors import RefusedError
from streams.worker.leave import OPERATOR, RESTART, RecoveryErrors, leave, leave_on
from tests.worker.left import Left, catch

SECRET = "Maria Musterfrau"


def test_leave_says_why(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """The reason stands in the log, and the code tells whether starting again will help."""
    catch(monkeypatch)
    codes = []
    for code in (RESTART, OPERATOR):
        with pytest.raises(Left) as left:
            leave("the reason", code=code)
        codes.append(left.value.code)
    assert [70, 78] == codes
    assert "the reason" in caplog.text


def raised(error: Exception) -> Exception:
    """Return the error with a place that it came from."""
    with pytest.raises(type(error)) as caught:
        raise error
    return caught.value


def test_an_unexpected_error_is_told_without_its_text(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Type, code and place are told; the text could hold what the gate has read."""
    catch(monkeypatch)
    for error in (ValueError(SECRET), RefusedError(SECRET, code="some_code")):
        with pytest.raises(Left):
            leave_on(raised(error))
    assert "ValueError at " in caplog.text
    assert "RefusedError (some_code) at " in caplog.text
    assert "test_leave.py" in caplog.text
    assert SECRET not in caplog.text


def test_swallowed_recovery_errors_end_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Faust warns of an error in recovery and goes on with an empty table; here it does not."""
    catch(monkeypatch)
    logger = logging.getLogger("test.recovery")
    logger.addFilter(RecoveryErrors())
    logger.warning("recovery unknown topic")
    with pytest.raises(Left):
        logger.warning("Error in recovery %s", "'dict' object has no attribute 'encode'")
