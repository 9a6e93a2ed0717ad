"""`phigate propose` and `phigate wait`, as a shell sees them."""

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from streams.agent import command
from streams.events import Intent
from streams.wire import client, codec
from tests.agent.makers import verdict
from tests.agent.rig import Rig

SAID = ["--agent", "bot", "--action", "data.read", "--resource", "Dataset/d"]
WHOLE = [*SAID, "--params", '{"a": 1}', "--justification", "why"]


def _run(*arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(command.propose, list(arguments), input=stdin)


@pytest.fixture
def here(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> Rig:
    """Let the environment name the rig's broker, topics and home."""
    for name in ("bootstrap", "prefix", "home"):
        monkeypatch.setenv(f"PHIGATE_{name.upper()}", str(getattr(rig.settings, name)))
    return rig


def _answer(rig: Rig, **said: Any) -> threading.Thread:
    """Answer the first intent that comes, as a gate would."""

    def gate() -> None:
        topic = rig.topic("intents")
        for record in client.records(rig.settings, topic, follow=True, timeout_s=240):
            name = codec.decode(record.value or b"", Intent).intent_id
            rig.put("verdicts", name, verdict(name, **said))
            return

    thread = threading.Thread(target=gate, daemon=True)
    thread.start()
    return thread


@pytest.mark.kafka
@pytest.mark.parametrize(
    ("code", "flags", "said"),
    [
        (0, ["--wait"], {"state": "granted"}),
        (0, ["--outcome"], {"state": "granted", "outcome": "ok"}),
        (1, ["--wait"], {"state": "denied"}),
        (4, ["--wait", "--outcome"], {"state": "expired"}),
        (6, ["--outcome"], {"state": "granted", "outcome": "failed"}),
    ],
)
def test_the_exit_code_tells_the_verdict(
    here: Rig, code: int, flags: list[str], said: dict[str, str]
) -> None:
    """Granted, done, denied, expired, failed: each has its exit code; the JSON says the same."""
    gate = _answer(here, **said)
    result = _run(*WHOLE, "--json", *flags, "--timeout", "60")
    gate.join(60)
    assert code == result.exit_code, result.output
    assert said["state"] == json.loads(result.stdout)["state"]


@pytest.mark.kafka
def test_no_verdict_in_time_is_exit_code_4(here: Rig) -> None:
    """A timeout is neither yes nor no, and says what to do next."""
    result = _run(*WHOLE, "--wait", "--timeout", "1")
    assert 4 == result.exit_code
    assert "No verdict" in result.stderr or "no verdict" in result.stderr


@pytest.mark.kafka
def test_without_wait_it_prints_the_id_alone(here: Rig) -> None:
    """The id can be piped on: to `phigate wait`, for one."""
    result = _run(*WHOLE)
    (intent,) = here.intents()
    assert (0, f"{intent.intent_id}\n") == (result.exit_code, result.stdout)
    here.put("verdicts", intent.intent_id, verdict(intent.intent_id))
    waited = CliRunner().invoke(command.wait, [intent.intent_id, "--timeout", "60"])
    assert (0, True) == (waited.exit_code, "granted: approved" in waited.stdout)


@pytest.mark.kafka
def test_what_others_wrote_cannot_move_the_terminal(here: Rig) -> None:
    """A rationale full of escape sequences is shown, not obeyed."""
    name = _run(*WHOLE).stdout.strip()
    here.put(
        "verdicts", name, verdict(name, state="denied").model_copy(update={"rationale": "\x1b[2J"})
    )
    waited = CliRunner().invoke(command.wait, [name, "--timeout", "60"])
    assert (1, False, True) == (waited.exit_code, "\x1b" in waited.stdout, "u001b" in waited.stdout)


@pytest.mark.kafka
def test_a_file_holds_a_whole_proposal_and_flags_come_before_it(here: Rig, tmp_path: Path) -> None:
    """--file gives what the flags don't; params of it may be any JSON."""
    file = tmp_path / "proposal.json"
    said = {"agent": "bot", "action": "data.read", "resource": "Dataset/d", "params": [1, "ü"]}
    file.write_text(json.dumps({**said, "justification": "why", "ttl": "15m", "key": "k"}))
    result = _run("--file", str(file), "--justification", "better", "--on-behalf-of", "ann")
    assert 0 == result.exit_code, result.output
    (intent,) = here.intents()
    body = here.unsealed(intent)
    assert ("better", [1, "ü"]) == (body.justification, json.loads(body.params))
    assert ("ann", 900_000) == (intent.on_behalf_of, intent.ttl_ms)


@pytest.mark.kafka
def test_params_come_exactly_from_standard_input_or_a_file(here: Rig, tmp_path: Path) -> None:
    """`-` and `@FILE` are taken byte for byte."""
    exact = b' {"a":  1.0} \n'
    (tmp_path / "p.json").write_bytes(exact)
    for source in ("-", f"@{tmp_path / 'p.json'}"):
        flags = [*SAID, "--params", source, "--justification", "why"]
        assert 0 == _run(*flags, stdin=exact).exit_code
    assert [exact, exact] == [here.unsealed(intent).params for intent in here.intents()]


@pytest.mark.parametrize(
    "flags",
    [
        SAID,
        [*WHOLE, "--ttl", "soon"],
        [*SAID, "--justification", "why", "--params", "{Maria"],
        [*SAID, "--justification", "why", "--params", "@/nowhere"],
        [*WHOLE, "--ttl", "365d"],
    ],
)
def test_wrong_use_is_exit_code_2_and_quotes_no_params(
    flags: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be proposed is said in a line, before any broker is asked."""
    monkeypatch.setenv("PHIGATE_HOME", str(tmp_path))
    result = _run(*flags)
    assert 2 == result.exit_code
    assert "Maria" not in result.output


def test_a_file_with_foreign_names_is_wrong_use(tmp_path: Path) -> None:
    """A misspelt field is an error, not a field that is left out."""
    file = tmp_path / "p.json"
    file.write_text('{"agent": "bot", "justificaton": "Maria"}')
    result = _run("--file", str(file))
    assert (2, False) == (result.exit_code, "Maria" in result.output)


def test_the_commands_module_is_light() -> None:
    """Importing the command brings in neither Kafka nor pydantic nor rich: `--help` is quick."""
    code = (
        "import sys, streams.agent.command, streams.executor.command;"
        "print(sorted({'confluent_kafka', 'pydantic', 'rich', 'fastavro'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()
