"""Siblings of what was mended once: another codec, another value, another kind of proof."""

import gzip
import struct
import time
from collections.abc import Callable

import cramjam
import pytest

from streams.errors import SettingsError
from streams.settings import load_settings
from streams.worker.faust import packed
from tests.attacks.test_packed import GZIP, LZ4, SNAPPY, ZSTD, batch, repacked

SMALL: dict[int, bytes] = {
    GZIP: gzip.compress(b"", mtime=0),
    LZ4: bytes(cramjam.lz4.compress(b"")),
    ZSTD: bytes(cramjam.zstd.compress(b"")),
    SNAPPY: struct.pack(">i", 1) + bytes(cramjam.snappy.compress_raw(b"")),
}
BATCH_BYTES = 900_000


def seconds(call: Callable[[], object]) -> float:
    """Return how much processor time a call takes."""
    begun = time.process_time()
    call()
    return time.process_time() - begun


@pytest.mark.parametrize("codec_", SMALL)
def test_a_batch_of_empty_parts_stops_no_worker(codec_: int) -> None:
    """Members, frames or blocks of nothing: their number costs no space for each."""
    head = packed.XERIAL + bytes(8) if codec_ == SNAPPY else b""
    part = SMALL[codec_]
    made = repacked(batch(0, b"x"), codec_, head + part * (BATCH_BYTES // len(part)))
    spent = seconds(lambda: packed.unpacked(made, packed.BATCH_BYTES_MIN))
    assert spent < 2.0  # twelve, where each block has a space of its own


# ---------------------------------------------------------------- settings that reach a shell

COMMANDS = ("; id", "$(id)", "`id`", "| id", "&& id", "\nid", "'x'", '"x"', " -X", "%{sasl.username}",
            "\\", ">f", "*", "~", "{a,b}", "!", "-k")  # fmt: skip


@pytest.mark.parametrize("name", ["principal", "keytab", "service.name"])
@pytest.mark.parametrize("command", COMMANDS)
def test_no_setting_of_kerberos_holds_a_command(name: str, command: str) -> None:
    """A librdkafka with Kerberos puts them into its own `kinit`, and gives that to a shell."""
    value = command if command.startswith("-") else f"kafka/host{command}"
    with pytest.raises(SettingsError) as refused:
        load_settings(kafka={f"sasl.kerberos.{name}": value})
    assert "a shell" in str(refused.value)


@pytest.mark.parametrize("value", ["kafka", "svc/host.example@EXAMPLE.ORG", "/etc/krb5.keytab"])
def test_kerberos_names_are_taken(value: str) -> None:
    """As they are written where Kerberos is in use."""
    name = "sasl.kerberos.principal"
    assert value == load_settings(kafka={name: value}).kafka[name]
