"""The stage of the demonstration: a home with keys and people, a broker, workers, an executor."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import clinic
import yaml

from streams.approver import Approver
from streams.cluster import access, shape
from streams.cluster.embedded.cluster import Cluster
from streams.directory import Directory
from streams.errors import RefusedError
from streams.events import Request
from streams.home.home import make_home
from streams.home.newkey import new_executor, new_person
from streams.settings import Settings, load_settings
from streams.wire.credential import ADMIN, as_role
from streams.worker.supervise import Child, Supervisor

READY_S = 180.0

PEOPLE = {
    "rita": ("Research coordinator", ["privacy-officers"]),
    "petra": ("Privacy officer", ["privacy-officers"]),
    "sam": ("Security officer", ["security-officers"]),
    "ian": ("IT manager", ["it-managers"]),
    "carla": ("Communications", ["communications-officers"]),
    "olga": ("Owner of the agents", []),
}
AGENTS = ("research-agent", "helpdesk-agent", "outreach-agent")


def make(home: Path) -> Settings:
    """Make the home anew: keys, people, agents, the executor class, the clinic's database."""
    shutil.rmtree(home / "workers", ignore_errors=True)
    shutil.rmtree(home / "executors", ignore_errors=True)
    for name in ("keys", "policy"):
        shutil.rmtree(home / name, ignore_errors=True)
    shutil.rmtree(clinic.FOLDER / "exports", ignore_errors=True)
    (home / "directory.yaml").unlink(missing_ok=True)
    settings = load_settings(home=home)
    make_home(settings)
    people = {
        name: {"title": title, "groups": groups, "keys": [_key(settings, name)]}
        for name, (title, groups) in PEOPLE.items()
    }
    made = new_executor("clinic", settings.keys / "executors" / "clinic.key", None, force=True)
    directory = yaml.safe_load(settings.directory.read_text())
    directory |= {
        "people": people,
        "agents": {name: {"owner": "olga", "acts_for": ["rita", "carla"]} for name in AGENTS},
        "executors": {"clinic": {"keys": [made.key], "seal": made.seal}},
        "resources": [_resource("Database", "clinic"), _resource("Mail", "patients")],
    }
    settings.directory.write_text(yaml.safe_dump(directory, sort_keys=False))
    Directory.load(settings.directory)
    return settings


def _key(settings: Settings, name: str) -> str:
    return new_person(name, settings.keys / "people" / f"{name}.key", None, force=True).key


def _resource(kind: str, name: str) -> dict[str, object]:
    attributes = {"env": "prod", "data": "identified"}
    if kind == "Database":
        attributes |= {"dialect": "sqlite", "tables": "patients conditions staff messages roles"}
    return {"type": kind, "id": name, "executor": "clinic", "attributes": attributes}


@contextmanager
def running(settings: Settings, say: Callable[[str], None]) -> Iterator[Supervisor]:
    """Run everything until the block ends, then stop it in order."""
    cluster = Cluster(settings.home / "kafka", credentials=settings.credentials, notify=say)
    supervisor = Supervisor(settings.home, {"admit": 1, "fold": 1, "audit": 1}, _environment(), say)
    try:
        cluster.reset()
        say("starting Kafka 4.3.1 (embedded)")
        cluster.up()
        say("creating topics")
        shape.apply(as_role(settings, ADMIN))
        say("creating users and access rights")
        access.apply(as_role(settings, ADMIN))
        say("loading the clinic's database, starting workers and executor")
        clinic.load()
        supervisor.add(_executor(settings))
        supervisor.start()
        if not supervisor.wait_ready(READY_S):
            raise RuntimeError("\n".join(supervisor.last_lines(c) for c in supervisor.stuck))
        yield supervisor
    finally:
        say("stopping")
        supervisor.stop()
        cluster.down()


def _executor(settings: Settings) -> Child:
    folder = settings.home / "workers" / "executor-clinic"
    folder.mkdir(parents=True)
    command = (sys.executable, "-m", "streams", "executor", "run", "clinic:app")
    return Child("executor-clinic", command, folder / "log", ready=None, cwd=Path(__file__).parent)


def _environment() -> dict[str, str]:
    return {"PHIGATE_HOME": os.environ["PHIGATE_HOME"], "PHIGATE_CLINIC": str(clinic.FOLDER)}


def phigate(settings: Settings, person: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `phigate` as a person would, and return what it printed."""
    who = ("--as", person) if person else ()
    command = (sys.executable, "-m", "streams", *arguments, *who)
    environment = {**os.environ, "COLUMNS": "80", "PHIGATE_HOME": str(settings.home)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def request(settings: Settings, intent_id: str) -> Request:
    """Wait until reviewers can see an intent, and return what they see."""
    approver = Approver(settings, Directory.load(settings.directory))
    end = time.monotonic() + READY_S
    while time.monotonic() < end:
        with suppress(RefusedError):
            return approver.request(intent_id)
        time.sleep(0.1)
    raise RuntimeError("the request did not come: see the logs under .demo/workers")
