"""What Kafka and its virtual machine are told. Pure text: nothing here touches a file.

Paths are relative to the node's directory, which is the process's working directory: Java reads
property files as Latin-1, and a home directory may be named in any alphabet.
"""

from dataclasses import dataclass

from streams.cluster.embedded.guard import LISTENER, Guard, properties

REPLICATED_BROKERS_MIN = 3
MESSAGE_BYTES_MAX = 1_048_588  # 1 MiB of record and Kafka's own 12 bytes: its default, said aloud
GROUP_SESSION_MS_MIN = 3_000  # workers use sessions of 6 to 10 s
BROKER_HEARTBEAT_MS = 1_000
BROKER_SESSION_MS = 6_000  # a dead broker's partitions move after this; the heartbeat is a sixth
INTERNAL_PARTITIONS = 8  # of offsets and transactions: Kafka's 50 each only slow a small machine
CLEANER_BUFFER_BYTES = 16_777_216  # Kafka's 128 MiB would be a quarter of the heap
HEAP_MB_SINGLE = 512
HEAP_MB_REPLICATED = 384  # each of three

LOG4J = """\
status = error
appender.file.type = RollingFile
appender.file.name = file
appender.file.fileName = logs/server.log
appender.file.filePattern = logs/server.log.%i
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d %p %m (%c)%n
appender.file.policies.type = Policies
appender.file.policies.size.type = SizeBasedTriggeringPolicy
appender.file.policies.size.size = 16MB
appender.file.strategy.type = DefaultRolloverStrategy
appender.file.strategy.max = 3
rootLogger.level = info
rootLogger.appenderRef.file.ref = file
"""


@dataclass(frozen=True)
class Address:
    """Where one node listens, on the loopback interface: clients on `port`, voters on the other."""

    id: int
    port: int
    controller_port: int


def heap_mb(brokers: int) -> int:
    """Return the bound of one node's heap, in MiB."""
    return HEAP_MB_SINGLE if brokers == 1 else HEAP_MB_REPLICATED


def server_properties(node: Address, nodes: tuple[Address, ...], guard: Guard | None = None) -> str:
    """Return the `server.properties` of one node, broker and controller in one process.

    The voters are static, so that ports may change from one start to the next. With three nodes,
    everything is kept three times and two copies must have a write before it counts. Without a
    guard, whoever is on this machine may do anything.
    """
    copies = len(nodes)
    in_sync = 2 if copies >= REPLICATED_BROKERS_MIN else 1
    voters = ",".join(f"{each.id}@127.0.0.1:{each.controller_port}" for each in nodes)
    broker = f"{LISTENER if guard else 'PLAINTEXT'}://127.0.0.1:{node.port}"
    settings = {
        "process.roles": "broker,controller",
        "node.id": node.id,
        "controller.quorum.voters": voters,
        "listeners": f"{broker},CONTROLLER://127.0.0.1:{node.controller_port}",
        "advertised.listeners": broker,
        **properties(guard),
        "controller.listener.names": "CONTROLLER",
        "log.dirs": "data",
        "auto.create.topics.enable": "false",
        "unclean.leader.election.enable": "false",
        "default.replication.factor": copies,
        "min.insync.replicas": in_sync,
        "message.max.bytes": MESSAGE_BYTES_MAX,
        "group.initial.rebalance.delay.ms": 0,
        "group.min.session.timeout.ms": GROUP_SESSION_MS_MIN,
        "broker.heartbeat.interval.ms": BROKER_HEARTBEAT_MS,
        "broker.session.timeout.ms": BROKER_SESSION_MS,
        "log.cleaner.dedupe.buffer.size": CLEANER_BUFFER_BYTES,
        **_internal_topics(copies, in_sync),
    }
    return "".join(f"{key}={value}\n" for key, value in settings.items())


def java_options(token: str, heap: int) -> list[str]:
    """Return the options of the virtual machine; `token` marks the process as ours, first of all.

    The quick compiler alone and the serial collector start the broker with half the CPU time.
    """
    return [
        token,
        f"-Xmx{heap}m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:ErrorFile=logs/crash.log",
        "-XX:-UsePerfData",
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-Djava.awt.headless=true",
        "-Djava.io.tmpdir=tmp",
        "-Dlog4j2.configurationFile=log4j2.properties",
    ]


def _internal_topics(copies: int, in_sync: int) -> dict[str, int]:
    return {
        "offsets.topic.replication.factor": copies,
        "offsets.topic.num.partitions": INTERNAL_PARTITIONS,
        "transaction.state.log.replication.factor": copies,
        "transaction.state.log.min.isr": in_sync,
        "transaction.state.log.num.partitions": INTERNAL_PARTITIONS,
        "share.coordinator.state.topic.replication.factor": copies,
        "share.coordinator.state.topic.min.isr": in_sync,
        "share.coordinator.state.topic.num.partitions": INTERNAL_PARTITIONS,
    }
