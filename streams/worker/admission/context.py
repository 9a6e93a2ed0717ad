"""What admission needs, all of it injected, so that a test can hold the clock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from streams.control.board import Board
from streams.control.judge import Authority, Tally
from streams.directory import Directory
from streams.events import Body
from streams.identity.jwks import KeySource
from streams.masking import About
from streams.policy import PolicySet
from streams.settings import Settings
from streams.worker.budget import Budgets
from streams.worker.keys import AdmitKeys
from streams.worker.lanes import Lanes
from streams.worker.record import Place


@dataclass(frozen=True, slots=True)
class Context:
    """Settings, who is who, the policy, the keys, the masker, the clock (ms), what is halted.

    `providers` has the identity providers' keys; without it no login counts. `lanes` say whose turn
    it is to be masked, `budgets` what an agent may ask; without them nobody waits.
    """

    settings: Settings
    directory: Directory
    policy: PolicySet
    keys: AdmitKeys
    masker_revision: str
    now_ms: Callable[[], int]
    board: Board
    providers: KeySource | None = None
    lanes: Lanes | None = None
    budgets: Budgets | None = None
    tallies: dict[Place, Tally] = field(default_factory=dict)
    _authorities: list[Authority] = field(default_factory=list, init=False, compare=False)

    @property
    def authority(self) -> Authority:
        """Who may order, read once, as executors read it; SettingsError as `Authority.known`."""
        if not self._authorities:
            self._authorities.append(Authority.known(self.settings, self.directory))
        return self._authorities[0]

    def tally_of(self, place: Place) -> Tally:
        """Return the count of the cancels in one partition."""
        return self.tallies.setdefault(place, Tally())


def _nothing() -> str:
    return ""


@dataclass(frozen=True, slots=True)
class KnownSender:
    """An input of which it is sure who sent it; nothing else of it is checked yet.

    `who` is the agent, person or executor class. `read` checks the rest and may refuse: such a
    refusal answers its sender. `content` gives the commitment to what an intent asks, where it can
    be read.
    """

    intent_id: str
    who: str
    read: Callable[[], "Opened"]
    content: Callable[[], str] = _nothing


@dataclass(frozen=True, slots=True)
class RulingSubject:
    """Of what facts are read: an intent's parameters, and the attributes of its resource."""

    params: object
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Opened:
    """An input that was read and checked: what to mask, and what to make of it then.

    `aside`: the document is a remark beside something signed. What was signed counts without it: a
    report, an answer or an order is not lost because masking fails; the remark is withheld.
    `about` is what the masker should know of the document. Where there is a `subject`, its facts
    are read too, and `finish` gets them as a second argument.
    """

    intent_id: str
    document: object
    finish: Callable[..., Body]
    aside: bool = False
    about: About | None = None
    subject: RulingSubject | None = None
