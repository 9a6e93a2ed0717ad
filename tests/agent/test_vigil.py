"""What somebody who waits does next."""

import pytest

from streams.agent.vigil import News, Resend, Rest, Vigil, WaitTimeout
from tests.agent.makers import INTENT, request, verdict


def _vigil(*, outcome: bool = False) -> Vigil:
    return Vigil(INTENT, began_at=0, timeout_s=100, outcome=outcome, resend_s=30, news=News())


def test_the_newest_position_wins_in_any_order() -> None:
    """Of several verdicts the one of the highest position counts, whenever it comes."""
    for offsets in ([1, 5, 3], [5, 3, 1], [1, 3, 5]):
        news = News()
        for offset in offsets:
            news.take(verdict(offset=offset))
        assert verdict(offset=5) == news.verdict


def test_an_older_or_equal_place_is_no_news() -> None:
    """A repeat changes nothing and wakes nobody."""
    news = News()
    assert [True, False, False] == [news.take(verdict(offset=at)) for at in (5, 5, 4)]


def test_a_verdict_ends_the_wait() -> None:
    """The verdict is returned as it is."""
    vigil = _vigil()
    assert Rest(30) == vigil.next(0)
    vigil.news.take(verdict())
    assert verdict() == vigil.next(1)


def test_with_outcome_a_grant_alone_does_not_end_it() -> None:
    """A granted intent is waited for until it is executed; a denied one never is."""
    vigil = _vigil(outcome=True)
    vigil.news.take(verdict(offset=1))
    assert Rest(99) == vigil.next(1)
    vigil.news.take(verdict(offset=2, outcome="ok"))
    assert verdict(offset=2, outcome="ok") == vigil.next(2)
    denied = _vigil(outcome=True)
    denied.news.take(verdict(state="denied"))
    assert verdict(state="denied") == denied.next(1)


def test_no_sign_of_the_intent_sends_it_again_a_bounded_number_of_times() -> None:
    """Every 30 s without request or verdict it is sent again, three times and no more."""
    vigil = _vigil()
    vigil.timeout_s = 1_000
    assert [Rest(1), Resend(), Resend(), Resend(), Rest(850)] == [
        vigil.next(now) for now in (29, 30, 60, 90, 150)
    ]


def test_a_request_is_a_sign_and_is_shown_once() -> None:
    """Once the gate shows a request nothing is sent again; each newer request is shown."""
    vigil = _vigil()
    vigil.news.take(request(offset=1))
    assert [request(offset=1), Rest(70)] == [vigil.next(30), vigil.next(30)]
    vigil.news.take(request(offset=2))
    assert request(offset=2) == vigil.next(31)


@pytest.mark.parametrize("seen", [True, False])
def test_time_over_is_a_timeout_that_tells_if_the_gate_had_it(*, seen: bool) -> None:
    """The end of the time is an error that TimeoutError catches, with what is known."""
    vigil = _vigil()
    if seen:
        vigil.news.take(request())
    with pytest.raises(TimeoutError) as caught:
        vigil.next(100)
    assert isinstance(caught.value, WaitTimeout)
    assert (seen, "wait_timeout") == (caught.value.seen, caught.value.code)


def test_a_verdict_in_the_last_moment_counts() -> None:
    """What is there when time is over is returned, not thrown away."""
    vigil = _vigil()
    vigil.news.take(verdict())
    assert verdict() == vigil.next(1_000)
