"""All checks, each by itself: whatever one of them raises is what is said of it."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from streams.doctor import cluster, home, reading, rules, waiting, workers
from streams.doctor.finding import Diagnosis, Level, ok
from streams.errors import BrokerError, PhigateError
from streams.settings import Settings, load_settings
from streams.wire.credential import as_role

Check = Callable[[Settings], Iterator[Diagnosis]]

CHECKS: Final[Mapping[str, Check]] = {
    "broker": cluster.reachable,
    "broker security": cluster.security,
    "access": cluster.access,
    "topics": cluster.topics_fit,
    "workers": workers.consumers,
    "grants": waiting.grants,
    "rules": workers.revision,
    "clocks": cluster.clocks,
    "audit": cluster.audit,
    "four eyes": rules.four_eyes,
    "assurance": home.assurance,
    "agents": home.agents,
    "directory": home.directory,
    "gate keys": home.gate_keys,
    "key ages": home.ages,
    "permissions": home.permissions,
    "sealing": reading.sealing,
    "key provider": reading.provider,
    "masking": reading.masking,
    "legal holds": home.legal_holds,
}
NEEDS_BROKER: Final = frozenset(
    {"access", "topics", "workers", "grants", "rules", "clocks", "audit"}
)


def examine(home_: Path | None, bootstrap: str | None) -> Iterator[Diagnosis]:
    """Yield every finding. Raises nothing: settings that do not load are a finding too."""
    try:
        settings = load_settings(home=home_, bootstrap=bootstrap)
    except PhigateError as error:
        yield Diagnosis("settings", Level.RISK, str(error), error.hint)
        return
    yield ok("settings", f"home {settings.home}")
    # Of all roles the audit's sees most of what is asked here: log, checkpoints, topics' settings.
    settings = as_role(settings, settings.role or "audit")
    away = False
    told: dict[tuple[str, str], str] = {}
    for name, check in CHECKS.items():
        if away and name in NEEDS_BROKER:
            yield Diagnosis(name, Level.AWAY, "cannot be told without the broker", "")
            continue
        for found in _guarded(name, check, settings):
            yield _once(found, told)
            away = away or found.level is Level.AWAY


def _once(found: Diagnosis, told: dict[tuple[str, str], str]) -> Diagnosis:
    """Return the finding; what another check has said of one cause is not said again in full."""
    if found.level in {Level.OK, Level.WARN}:
        return found
    first = told.setdefault((found.said, found.todo), found.check)
    if first == found.check:
        return found
    return Diagnosis(found.check, found.level, f"cannot be told: see {first}")


def _guarded(name: str, check: Check, settings: Settings) -> Iterator[Diagnosis]:
    """Run one check; what it raises is a finding. An unknown error's text is not told."""
    try:
        yield from check(settings)
    except BrokerError as error:
        yield Diagnosis(name, Level.AWAY, str(error), error.hint)
    except PhigateError as error:
        yield Diagnosis(name, Level.RISK, str(error), error.hint)
    except Exception as error:  # noqa: BLE001 - one check may not end the others
        said = f"cannot be told: {type(error).__name__}"
        yield Diagnosis(name, Level.RISK, said, "tell whoever maintains phigate")
