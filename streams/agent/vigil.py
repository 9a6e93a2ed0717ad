"""What somebody who waits does next: take the verdict, send again, rest, or give up. Pure.

A rebalance can make admit skip an input (rule 23 of worker/faust/README.md), so whoever proposed
sends the same bytes again when the gate has shown no sign of the intent. A request or a verdict is
such a sign.
"""

from dataclasses import dataclass, field

from streams.errors import PhigateError
from streams.events import Request, State, Verdict, bears_mark

RESEND_S_DEFAULT = 30.0
RESENDS_MAX = 3
WAIT_S_DEFAULT = 3_600.0
CONTENT_CONFLICT = "content_conflict"


class WaitTimeout(PhigateError, TimeoutError):  # noqa: N818 - its bases say that it is an error
    """No verdict within the time given. The intent stands; `seen` tells if the gate showed it."""

    code = "wait_timeout"
    seen = False


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing to do for so many seconds, unless news comes."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Resend:
    """The gate has shown no sign of the intent: send the kept bytes again."""


@dataclass(slots=True)
class News:
    """The newest request and verdict of one intent, by their position in the log.

    `content` is the commitment to what was asked, where this client knows it.
    """

    request: Request | None = None
    verdict: Verdict | None = None
    content: str = ""

    def take(self, news: Request | Verdict) -> bool:
        """Keep it where it is newer than what is known; return whether it was.

        What answers another agent than the one whose id it is, answers nobody here.
        """
        if news.agent and not bears_mark(news.intent_id, news.agent):
            return False
        known = self.verdict if isinstance(news, Verdict) else self.request
        if known is not None and _place(news) <= _place(known):
            return False
        if isinstance(news, Verdict):
            self.verdict = news
        else:
            self.request = news
        return True

    @property
    def conflict(self) -> Verdict | None:
        """The verdict on what this client asked, where the gate holds other content of that id."""
        for news in (self.verdict, self.request):
            if news and self.content and news.content and news.content != self.content:
                return _conflict(news)
        return None


@dataclass(slots=True)
class Vigil:
    """One wait. Times are monotonic seconds; `ends_at` is when to give up."""

    intent_id: str
    began_at: float
    timeout_s: float
    outcome: bool
    resend_s: float
    resends_left: int = RESENDS_MAX
    news: News = field(default_factory=News)
    _shown: Request | None = None
    _resend_at: float = field(init=False)

    def __post_init__(self) -> None:
        self._resend_at = self.began_at + self.resend_s

    def next(self, now: float) -> Verdict | Request | Resend | Rest:
        """Return what to do at `now`; a request is to be shown. WaitTimeout once time is over."""
        conflict = self.news.conflict
        if conflict:
            return conflict
        verdict = self.news.verdict
        if verdict and self._final(verdict):
            return verdict
        ends_at = self.began_at + self.timeout_s
        if now >= ends_at:
            raise self._timeout()
        if self.news.request and self.news.request is not self._shown:
            self._shown = self.news.request
            return self._shown
        if verdict or self.news.request or self.resends_left <= 0:
            return Rest(ends_at - now)
        if now < self._resend_at:
            return Rest(min(ends_at, self._resend_at) - now)
        self.resends_left -= 1
        self._resend_at = now + self.resend_s
        return Resend()

    def _final(self, verdict: Verdict) -> bool:
        granted = verdict.state is State.GRANTED
        return not (self.outcome and granted and verdict.outcome is None)

    def _timeout(self) -> WaitTimeout:
        seen = bool(self.news.request or self.news.verdict)
        what = "outcome" if self.news.verdict else "verdict"
        sign = (
            "The gate has it: wait again, with the same id."
            if seen
            else "The gate has shown no request for it: are its workers running?"
        )
        error = WaitTimeout(f"No {what} on {self.intent_id} in {self.timeout_s:g} s. {sign}")
        error.seen = seen
        return error


def _conflict(news: Request | Verdict) -> Verdict:
    """Return the no to content that came second: an id is one action's, the first one's."""
    return Verdict(
        intent_id=news.intent_id,
        position=news.position,
        state=State.DENIED,
        reason=CONTENT_CONFLICT,
        rationale="",
        decided_by=(),
        policies=(),
        grant_id=None,
        at_ms=news.at_ms if isinstance(news, Verdict) else news.opened_at_ms,
        outcome=None,
        agent=news.agent,
    )


def _place(news: Request | Verdict) -> tuple[int, int]:
    return news.position.partition, news.position.offset
