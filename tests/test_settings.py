"""Settings: which source wins, and what a person is told of a wrong one."""

import os
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from streams import settings as settings_module
from streams.errors import SettingsError
from streams.settings import FILE, NAMED, Settings, load_settings


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, with an empty home beside it and no setting in the environment."""
    for name in [name for name in os.environ if name.startswith("PHIGATE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / "here"
    folder.mkdir()
    (tmp_path / ".phigate").mkdir()
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture(autouse=True)
def named(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Name a file of settings in that folder, once a test has written it."""
    real = settings_module._named

    def read() -> Any:
        if not (here / FILE).exists():
            return {}
        monkeypatch.setenv(NAMED, str(here / FILE))
        return real()

    monkeypatch.setattr(settings_module, "_named", read)


def refused(**given: Any) -> tuple[str, str]:
    """Return the message and the hint with which these settings are refused."""
    with pytest.raises(SettingsError) as caught:
        load_settings(**given)
    return str(caught.value), caught.value.hint


def test_defaults(tmp_path: Path) -> None:
    """With nothing set, all lies in ~/.phigate and the broker is the embedded one."""
    settings = load_settings()
    home = tmp_path / ".phigate"
    assert home == settings.home
    assert home / "directory.yaml" == settings.directory
    assert (home / "policy", home / "keys") == (settings.policies, settings.keys)
    assert ("", "phigate.", {}) == (settings.bootstrap, settings.prefix, settings.kafka)


def test_the_nearer_source_wins(
    tmp_path: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Home, then a named file, then environment, then the caller: each beats those before."""
    seen = []
    (tmp_path / ".phigate" / FILE).write_text("partitions = 2\nmask_workers = 3")
    seen.append(load_settings().partitions)
    (here / FILE).write_text("partitions = 3")
    seen.append(load_settings().partitions)
    monkeypatch.setenv("PHIGATE_PARTITIONS", "4")
    seen.append(load_settings().partitions)
    seen.append(load_settings(partitions=5).partitions)
    assert [2, 3, 4, 5] == seen
    assert 3 == load_settings().mask_workers


def test_an_override_of_none_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """An option that a command did not get leaves the other sources alone."""
    monkeypatch.setenv("PHIGATE_PREFIX", "mine.")
    assert "mine." == load_settings(prefix=None).prefix


def test_home_moves_what_lies_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The home of the caller or of the environment carries its file and its default places."""
    other = tmp_path / "other"
    other.mkdir()
    (other / FILE).write_text('keys = "secret"\nprefix = "other."')
    by_caller = load_settings(home=other)
    monkeypatch.setenv("PHIGATE_HOME", str(other))
    assert by_caller == load_settings()
    assert other / "secret" == by_caller.keys
    assert other / "directory.yaml" == by_caller.directory
    assert "other." == by_caller.prefix


def test_home_from_a_named_file(tmp_path: Path, here: Path) -> None:
    """A project's own file can name the home, relative to itself."""
    (here / FILE).write_text('home = "state"')
    (here / "state").mkdir()
    (here / "state" / FILE).write_text("partitions = 9")
    assert here / "state" == load_settings().home
    assert 9 == load_settings().partitions


def test_a_home_does_not_name_another_home(tmp_path: Path) -> None:
    """The file in the home cannot say that the home is elsewhere."""
    (tmp_path / ".phigate" / FILE).write_text('home = "elsewhere"')
    message, hint = refused()
    assert "`home` is where this file is" in message
    assert "remove that line" == hint


def test_kafka_settings_from_table_and_environment(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Quoted names, TOML's dotted names and numbers all become what librdkafka reads."""
    lines = ("[kafka]", 'security.protocol = "SSL"', '"socket.keepalive.enable" = true')
    (here / FILE).write_text("\n".join((*lines, "socket.timeout.ms = 5")))
    expected = {
        "security.protocol": "SSL",
        "socket.keepalive.enable": "true",
        "socket.timeout.ms": "5",
    }
    assert expected == load_settings().kafka
    monkeypatch.setenv("PHIGATE_KAFKA", '{"sasl.password": "hunter2"}')
    assert "hunter2" == load_settings().kafka["sasl.password"]
    assert "hunter2" not in repr(load_settings())


def test_unknown_names_are_errors_with_the_nearest_known(here: Path) -> None:
    """A typing error in a file, or in code, is not passed over."""
    (here / FILE).write_text("partitons = 3")
    message, hint = refused()
    assert f"{here / FILE}: there is no setting `partitons`" == message
    assert "did you mean `partitions`?" == hint
    (here / FILE).unlink()
    assert "did you mean `mask_timeout_ms`?" == refused(mask_timeout=3)[1]
    assert "known: home, directory" in refused(zzzz=3)[1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("partitions", 0),
        ("replication", -1),
        ("prefix", "a b"),
        ("ttl_ms_min", 0),
        ("grant_ttl_ms", "soon"),
        ("require_sealed", "perhaps"),
        ("mask_workers", 10_000),
    ],
)
def test_a_wrong_value_names_the_setting_and_not_itself(name: str, value: Any) -> None:
    """The message has the field, the hint where to set it; the value may be a secret."""
    message, hint = refused(**{name: value})
    assert message.startswith(f"{name}: ")
    assert f"PHIGATE_{name.upper()}" in hint
    assert "soon" not in message


def test_a_wrong_value_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers and JSON of the environment are checked like all others."""
    monkeypatch.setenv("PHIGATE_PARTITIONS", "many")
    assert refused()[0].startswith("partitions: ")
    monkeypatch.delenv("PHIGATE_PARTITIONS")
    monkeypatch.setenv("PHIGATE_KAFKA", "hunter2")
    message, hint = refused()
    assert "hunter2" not in message + hint
    assert "as JSON" in hint


def test_limits_that_exclude_each_other() -> None:
    """Limits under which nothing could be admitted are refused at the start."""
    assert "ttl_ms_min is more" in refused(ttl_ms_min=2_000, ttl_ms_max=1_000)[0]
    assert "params_bytes_max must be less" in refused(params_bytes_max=900_000)[0]


@pytest.mark.parametrize("text", [b"partitions = ", b"\xff", b"x = [" * 2, b"#" * 300_000])
def test_a_file_that_is_no_toml_is_named(here: Path, text: bytes) -> None:
    """The error has the file's path."""
    (here / FILE).write_bytes(text)
    assert str(here / FILE) in refused()[0]


def test_a_file_that_cannot_be_read_is_named(here: Path) -> None:
    """A folder in its place is an error, not a missing file."""
    (here / FILE).mkdir()
    assert str(here / FILE) in refused()[0]


def test_settings_are_frozen() -> None:
    """What was read at the door stays."""
    settings = load_settings()
    with pytest.raises(ValidationError):
        settings.partitions = 3  # type: ignore[misc]


def test_each_default_is_a_good_value() -> None:
    """The defaults pass their own limits, and those between them."""
    settings = load_settings()
    assert settings == Settings(**{k: getattr(settings, k) for k in Settings.model_fields})


def test_nothing_is_read_from_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that somebody left where a person works chooses neither broker nor keys."""
    trap = tmp_path / "trap"
    trap.mkdir()
    (trap / FILE).write_text('bootstrap = "evil:9092"\nkeys = "mine"\n[kafka]\n"x" = "y"')
    monkeypatch.chdir(trap)
    assert load_settings(home=tmp_path / ".phigate") == load_settings()
    assert "" == load_settings().bootstrap


def test_a_named_file_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asked for a file's settings does not silently run without them."""
    monkeypatch.undo()
    monkeypatch.setenv(NAMED, "/nowhere/phigate.toml")
    assert NAMED in refused()[0]


@pytest.mark.parametrize(
    "name",
    [
        "plugin.library.paths",
        "sasl.kerberos.kinit.cmd",
        "ssl.engine.location",
        "ssl.providers",
        "bootstrap.servers",
        "group.id",
        "enable.idempotence",
        "statistics.interval.ms",
        "PLUGIN.library.paths",
        "security.protocol ",
    ],
)
def test_kafka_settings_that_run_code_or_undo_ours_are_refused(name: str) -> None:
    """Only what says where and how to connect reaches librdkafka."""
    message, _ = refused(kafka={name: "evil.so"})
    assert "is not one that phigate takes" in message
    assert "evil" not in message
