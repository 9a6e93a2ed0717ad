"""Every knob, frozen, read once at an entry point.

A value comes from, the earlier wins: the caller (a command's option), the environment
(`PHIGATE_TTL_MS_MAX`), the file that PHIGATE_SETTINGS names, `phigate.toml` in the home, the
default below. Nothing is read from the working folder by itself: whoever can leave a file there
would choose the broker, the keys and the directory of whoever works there. Relative paths in a file
are relative to that file. A name that nobody knows is an error, with the nearest known one.

Of librdkafka's settings those are taken that say where and how to connect (`_KAFKA`). Others would
load native code (`plugin.library.paths`), run a command (`sasl.kerberos.kinit.cmd`) or undo what a
client of ours has to be.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as SourceError

from streams.errors import SettingsError
from streams.times import DAY_MS, MINUTE_MS, SECOND_MS

__all__ = ["Settings", "load_settings"]  # for users; the rest is for the rooms

FILE: Final = "phigate.toml"
ENV_PREFIX: Final = "PHIGATE_"
NAMED: Final = "PHIGATE_SETTINGS"  # a file of settings besides the home's, by its path
_FILE_BYTES_MAX = 262_144  # a handful of lines; more is some other file

GRANT_TTL_MS_MAX: Final = DAY_MS  # so far back an executor reads what stands before it


def _dotted(value: Any, prefix: str = "") -> Any:
    """Flatten `security.protocol = ...`, which TOML reads as a table in a table."""
    if not isinstance(value, Mapping):
        return value
    flat: dict[str, Any] = {}
    for name, item in value.items():
        if isinstance(item, Mapping):
            flat |= _dotted(item, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = str(item).lower() if isinstance(item, bool) else str(item)
    return flat


_KAFKA: Final = re.compile(
    r"security\.protocol"
    r"|sasl\.(mechanisms?|username|password)"
    r"|sasl\.kerberos\.(service\.name|principal|keytab)"
    r"|sasl\.oauthbearer\.(method|client\.id|client\.secret|scope|extensions|token\.endpoint\.url)"
    r"|enable\.sasl\.oauthbearer\.unsecure\.jwt"  # the tests' own broker takes these
    r"|(ssl|https)\.ca\.(location|pem)"
    r"|ssl\.(certificate|key)\.(location|pem)|ssl\.key\.password"
    r"|ssl\.(crl\.location|cipher\.suites|curves\.list|sigalgs\.list)"
    r"|ssl\.endpoint\.identification\.algorithm|enable\.ssl\.certificate\.verification"
    r"|client\.(id|rack|dns\.lookup)|broker\.address\.(family|ttl)"
    r"|socket\.(timeout\.ms|keepalive\.enable|nagle\.disable|connection\.setup\.timeout\.ms)"
    r"|connections\.max\.idle\.ms|reconnect\.backoff(\.max)?\.ms|metadata\.max\.age\.ms"
)


# librdkafka puts the values of Kerberos' settings into a command of its own, for a shell.
_PLAIN_WORD: Final = re.compile(r"[A-Za-z0-9._/@+][A-Za-z0-9._/@+-]*")


def _allowed(kafka: dict[str, str]) -> dict[str, str]:
    """Return librdkafka's settings if each says where or how to connect; ValueError names one."""
    for name, value in kafka.items():
        if not _KAFKA.fullmatch(name):
            raise ValueError(f"the Kafka setting {name!r:.80} is not one that phigate takes")
        if name.startswith("sasl.kerberos.") and not _PLAIN_WORD.fullmatch(value):
            raise ValueError(f"the Kafka setting {name} has a sign that a shell could act upon")
    return kafka


_PATHS = frozenset({
    "home", "directory", "policies", "keys", "credentials", "vault_token_file", "vault_ca",
    "pinned_keys",
})  # fmt: skip


def _whole_path(path: Path) -> Path:
    return path.expanduser().absolute()


HomePath = Annotated[Path, AfterValidator(_whole_path)]


class Settings(BaseSettings):
    """All settings of one process. Times are milliseconds, sizes are bytes."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix=ENV_PREFIX,
        validate_default=True,
        hide_input_in_errors=True,  # a value may be a password
    )

    # -- places
    home: HomePath = Path("~/.phigate")
    directory: HomePath = Field(default_factory=lambda known: known["home"] / "directory.yaml")
    policies: HomePath = Field(default_factory=lambda known: known["home"] / "policy")
    keys: HomePath = Field(default_factory=lambda known: known["home"] / "keys")
    # A file that `phigate keys publish` wrote: it stands above the directory. Empty: none.
    pinned_keys: str = ""
    credentials: HomePath = Field(default_factory=lambda known: known["home"] / "credentials")

    # -- the cluster. An empty `bootstrap` is the embedded broker, whose state is in home/kafka.
    bootstrap: str = ""
    prefix: str = Field(default="phigate.", pattern=r"^[A-Za-z0-9._-]{0,100}$")
    # Two for each of the three workers of a small cluster. It cannot change later: keys would move.
    partitions: int = Field(default=6, ge=1, le=1_000)
    # 0: three where the cluster has three brokers, else one.
    replication: int = Field(default=0, ge=0, le=9)
    # Whose credential is used where a command does not say it itself: agent, admit, ..., admin.
    role: str = Field(default="", pattern=r"^[A-Za-z0-9._-]{0,100}$")
    # Kafka's name of a role where its users are made elsewhere (certificates, OAUTHBEARER).
    principals: dict[str, str] = Field(default_factory=dict)
    # What an agent's, approver's or executor's user may write to a broker in a second (`phigate
    # access apply`): far less than the gate's readers keep up with. 0: no limit.
    quota_bytes: int = Field(default=4_194_304, ge=0)
    # librdkafka's own settings (security.protocol, sasl.*, ssl.*): may hold a password.
    kafka: Annotated[dict[str, str], BeforeValidator(_dotted), AfterValidator(_allowed)] = Field(
        default_factory=dict, repr=False
    )

    # -- limits on inputs
    # 256 KiB of params: masking reads about 1 MB in a second, and a reviewer reads far less.
    params_bytes_max: int = Field(default=262_144, ge=1, le=8_388_608)
    # Kafka takes 1,048,588 bytes a record by default; what is left is for key, headers, sealing.
    input_bytes_max: int = Field(default=900_000, ge=1_024, le=8_388_608)
    ttl_ms_min: int = Field(default=SECOND_MS, ge=1)
    # A week: people come back from a weekend; longer consent would be given to another situation.
    ttl_ms_max: int = Field(default=7 * DAY_MS, ge=1, le=366 * DAY_MS)
    # Kerberos' five minutes: clocks that are further apart are broken.
    clock_skew_ms_max: int = Field(default=5 * MINUTE_MS, ge=0, le=DAY_MS)
    # Long enough for an executor to restart, short enough that the situation is the approved one.
    grant_ttl_ms: int = Field(default=15 * MINUTE_MS, ge=SECOND_MS, le=GRANT_TTL_MS_MAX)

    # -- back-pressure: with more before admit and the fold, the SDK sends no more (0: unbound)
    # A worker of each role takes some hundreds a second: what is proposed now waits for seconds.
    intents_waiting_max: int = Field(default=1_000, ge=0)

    # -- what one agent may ask of each admit worker in a minute; 0: unbound
    # Twenty a second: more than any agent that waits for verdicts, far less than a worker takes.
    agent_intents_per_minute: int = Field(default=1_200, ge=0)
    # What a minute's worth of intents of some 50 kB is.
    agent_bytes_per_minute: int = Field(default=67_108_864, ge=0)
    # Half of one process: a usual document takes some milliseconds.
    agent_masking_ms_per_minute: int = Field(default=30_000, ge=0, le=10 * MINUTE_MS)

    # -- refusals of inputs that anybody may have sent: the audit keeps each event for ever
    # So many of a partition stand alone, and one more each minute; the others are counted.
    refused_alone_max: int = Field(default=100, ge=0, le=1_000_000)
    # Long enough that a flood leaves a few kilobytes an hour, short enough that nobody waits.
    refused_window_ms: int = Field(default=10 * SECOND_MS, ge=100, le=MINUTE_MS)

    # -- the fold goes no further where the audit has not signed what it folded
    # Twenty checkpoints. The audit is as fast as the fold: in health it is never this far behind.
    audit_behind_max: int = Field(default=10_000, ge=1, le=10_000_000)
    # A restart of the audit takes seconds, of a broker half a minute.
    audit_behind_ms_max: int = Field(default=MINUTE_MS, ge=SECOND_MS, le=DAY_MS)

    # -- masking
    mask_workers: int = Field(
        default=2, ge=1, le=64
    )  # processes, about 300 MB each; one more is for remarks
    mask_timeout_ms: int = Field(default=10_000, ge=100, le=10 * MINUTE_MS)

    # -- what wraps data keys: the file of master keys alone, or Vault or AWS KMS around it
    key_provider: Literal["local", "vault", "kms"] = "local"
    # A key provider in reach answers in milliseconds; three tries of five seconds ride out a
    # failover. After that admit waits and asks again.
    key_timeout_ms: int = Field(default=5_000, ge=100, le=MINUTE_MS)
    key_tries: int = Field(default=3, ge=1, le=10)
    vault_url: str = ""
    vault_mount: str = "transit"
    vault_key: str = "phigate"
    vault_token_file: HomePath = Field(default_factory=lambda known: known["home"] / "vault-token")
    vault_ca: str = ""
    vault_namespace: str = ""
    kms_key: str = ""
    kms_region: str = ""
    kms_endpoint: str = ""

    # -- refuse intents that the agent did not seal to the gate, or did not sign
    require_sealed: bool = False
    # Without it, those agents must sign that have a key in the directory.
    require_signed_intents: bool = False

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Name the sources, the strongest first; .env and secret files are not among them."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, _TomlFiles(settings_cls)


class _TomlFiles(PydanticBaseSettingsSource):
    """The file that PHIGATE_SETTINGS names, over `phigate.toml` of the home found by then."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        """Not used: `__call__` gives all fields at once."""
        raise NotImplementedError

    def __call__(self) -> dict[str, Any]:
        named = _named()
        default = Settings.model_fields["home"].default
        home = _whole_path(Path(self.current_state.get("home") or named.get("home") or default))
        there = read_file(home / FILE)
        if "home" in there:
            raise SettingsError(
                f"{home / FILE}: `home` is where this file is", hint="remove that line"
            )
        return there | named


def _named() -> dict[str, Any]:
    """Return what the file says that PHIGATE_SETTINGS names; SettingsError where there is none."""
    name = os.environ.get(NAMED)
    if not name:
        return {}
    path = _whole_path(Path(name))
    if not path.is_file():
        raise SettingsError(f"{NAMED} names {path}, which is no file", hint=f"unset {NAMED}")
    return read_file(path)


def read_file(path: Path) -> dict[str, Any]:
    """Return what a file of settings holds, its paths made absolute; nothing if it is not there.

    SettingsError names the file, and the line or the setting.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_FILE_BYTES_MAX + 1)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from None
    if len(text) > _FILE_BYTES_MAX:
        raise SettingsError(f"{path} has more than {_FILE_BYTES_MAX} bytes: is it the right file?")
    try:
        found = tomllib.loads(text.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        why = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "it is no TOML"
        raise SettingsError(f"{path}: {why}") from None
    for name in found:
        _check_known(name, str(path))
    return {name: _placed(name, value, path.parent) for name, value in found.items()}


def _check_known(name: str, where: str) -> None:
    if name not in Settings.model_fields:
        near = difflib.get_close_matches(name, Settings.model_fields, n=1)
        hint = (
            f"did you mean `{near[0]}`?" if near else f"known: {', '.join(Settings.model_fields)}"
        )
        raise SettingsError(f"{where}: there is no setting `{name}`", hint=hint)


def _placed(name: str, value: Any, folder: Path) -> Any:
    if name in _PATHS and isinstance(value, str) and value:
        return folder / Path(value).expanduser()
    return value


def load_settings(**overrides: Any) -> Settings:
    """Read the settings; an override of None counts as not given.

    SettingsError names the setting, and what to do. A value is never shown: it may be a password.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    for name in given:
        _check_known(name, "the program")
    try:
        return _checked(Settings(**given))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        raise SettingsError(
            f"{name}: {first['msg']}", hint=_where_to_set(str(first["loc"][0]))
        ) from None
    except SourceError:
        raise SettingsError(
            "an environment variable of phigate cannot be read",
            hint=f'{ENV_PREFIX}KAFKA is written as JSON: \'{{"security.protocol": "SSL"}}\'',
        ) from None


def _checked(settings: Settings) -> Settings:
    if settings.ttl_ms_min > settings.ttl_ms_max:
        raise SettingsError(
            "ttl_ms_min is more than ttl_ms_max: no intent could be admitted",
            hint=_where_to_set("ttl_ms_max"),
        )
    if settings.params_bytes_max >= settings.input_bytes_max:
        raise SettingsError(
            "params_bytes_max must be less than input_bytes_max: params are a part of the input",
            hint=_where_to_set("params_bytes_max"),
        )
    return settings


def _where_to_set(name: str) -> str:
    return f"set `{name}` in {FILE}, or {ENV_PREFIX}{name.upper()} in the environment"
