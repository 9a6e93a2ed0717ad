"""The house that is broken: keys, people, policy, three brokers with a second door each, topics."""

import base64
import os
import secrets
import shutil
from pathlib import Path

import yaml

from streams.cluster import shape
from streams.cluster.embedded import config, process, state
from streams.cluster.embedded.cluster import Cluster
from streams.directory import Directory
from streams.home.home import make_home
from streams.home.newkey import new_executor, new_person
from streams.settings import Settings, load_settings
from tests.chaos.rig.proxy import Proxy

BROKERS = 3
PREFIX = "chaos."
PEOPLE = {
    "rita": ["privacy-officers", "platform-oncall"],
    "petra": ["privacy-officers"],
    "paul": ["privacy-officers", "platform-oncall"],
    "sam": ["security-officers", "platform-oncall"],
    "ian": ["it-managers", "communications-officers"],
    "olga": [],
}
AGENTS = ("ward-agent", "desk-agent", "lab-agent")
FREEZE = """
@id("chaos-{number}")
@reason("chaos_freeze_{number}")
forbid (principal, action == Action::"message.send", resource);
"""


def make(home: Path) -> Settings:
    """Make everything under `home` anew and return the settings that clients use."""
    shutil.rmtree(home, ignore_errors=True)
    os.environ["PHIGATE_PREFIX"] = PREFIX
    os.environ["PHIGATE_MASK_WORKERS"] = "1"
    # the checker looks for an event of each input; few agents ask for all
    os.environ["PHIGATE_REFUSED_ALONE_MAX"] = "1000000"
    os.environ["PHIGATE_AGENT_INTENTS_PER_MINUTE"] = "0"
    os.environ["PHIGATE_AGENT_BYTES_PER_MINUTE"] = "0"
    settings = load_settings(home=home)
    make_home(settings)
    made = new_executor("clinic", settings.keys / "executors" / "clinic.key", None, force=True)
    directory = yaml.safe_load(settings.directory.read_text())
    directory |= {
        "people": {
            name: {"groups": groups, "keys": [_key(settings, name)]}
            for name, groups in PEOPLE.items()
        },
        "agents": {name: {"owner": "olga", "acts_for": ["rita"]} for name in AGENTS},
        "executors": {"clinic": {"keys": [made.key], "seal": made.seal}},
        "resources": [
            {
                "type": "Database",
                "id": "clinic",
                "executor": "clinic",
                "attributes": {"env": "prod"},
            }
        ],
    }
    settings.directory.write_text(yaml.safe_dump(directory, sort_keys=False))
    Directory.load(settings.directory)
    return settings


def _key(settings: Settings, name: str) -> str:
    return new_person(name, settings.keys / "people" / f"{name}.key", None, force=True).key


def change_policy(settings: Settings, number: int) -> None:
    """Forbid messages under a reason that names this change, or allow them again."""
    file = settings.policies / "chaos.cedar"
    if number % 2:
        file.write_text(FREEZE.format(number=number))
    else:
        file.write_text(f"// change {number}: messages are allowed again\n")


def cluster(settings: Settings) -> tuple[Cluster, Proxy, str]:
    """Start three brokers and the proxy before them; return the bootstrap for workers too."""
    found = Cluster(settings.home / "kafka", BROKERS, plain=True)
    ports = process.free_ports(4 * BROKERS)
    nodes = tuple(
        config.Address(number + 1, *ports[4 * number : 4 * number + 2]) for number in range(BROKERS)
    )
    backs, fronts = ports[2::4], ports[3::4]
    name = base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
    (settings.home / "kafka").mkdir(mode=0o700)
    state.save(
        found.home, state.ClusterRecord(name, tuple(state.NodeRecord(node) for node in nodes))
    )
    for node, back, front in zip(nodes, backs, fronts, strict=True):
        folder = found.home / f"node-{node.id}"
        folder.mkdir(mode=0o700)
        (folder / "extra.properties").write_text(_second_door(node, back, front))
    proxy = Proxy(dict(zip(fronts, backs, strict=True)))
    proxy.start()
    found.up()
    shape.apply(settings)
    return found, proxy, ",".join(f"127.0.0.1:{front}" for front in fronts)


def _second_door(node: config.Address, back: int, front: int) -> str:
    """Return the settings of a second listener, which sends its clients to the proxy."""
    plain, controller = f"127.0.0.1:{node.port}", f"127.0.0.1:{node.controller_port}"
    return (
        f"listeners=PLAINTEXT://{plain},PROXIED://127.0.0.1:{back},CONTROLLER://{controller}\n"
        f"advertised.listeners=PLAINTEXT://{plain},PROXIED://127.0.0.1:{front}\n"
        "listener.security.protocol.map="
        "PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT\n"
    )
