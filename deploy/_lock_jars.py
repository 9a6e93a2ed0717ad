"""Rewrite `streams/cluster/embedded/jars.lock`: the jars of Kafka's broker, each with its SHA-256.

Resolves the transitive runtime dependencies of the roots once, with jgo's pure-Python resolver.
Starting a broker never resolves anything: it reads the lock. Run through `deploy/lock`.
"""

import hashlib
from pathlib import Path
from typing import Any

from jgo.maven import MavenContext

LOCK = Path(__file__).parent.parent / "streams" / "cluster" / "embedded" / "jars.lock"
ROOTS = ("org.apache.kafka:kafka_2.13:4.3.1", "org.apache.kafka:kafka-tools:4.3.1")
# Kafka logs through slf4j and leaves the choice of backend to whoever runs it. Taken alone, not as
# a root: its bill of materials would drag kafka-clients back to 3.9.
LOGGING = "org.apache.logging.log4j:log4j-slf4j-impl"
RUNTIME = {"compile", "runtime"}


def resolve(context: Any) -> list[Any]:
    """Return every artifact a broker needs at run time, direct and transitive."""
    direct, transitive = context.resolver.resolve([context.create_dependency(r) for r in ROOTS])
    needed = [*direct, *(each for each in transitive if each.scope in RUNTIME)]
    log4j = next(each.version for each in needed if each.artifactId == "log4j-core")
    return [*needed, context.create_dependency(f"{LOGGING}:{log4j}")]


def line(dependency: Any) -> str:
    """Return the lock's line for one artifact, downloading the artifact if needed."""
    if dependency.classifier or dependency.type != "jar":
        message = f"{dependency.artifact} is no plain jar: the lock has no place for it"
        raise ValueError(message)
    digest = hashlib.sha256(Path(dependency.artifact.resolve()).read_bytes()).hexdigest()
    return f"{dependency.groupId}:{dependency.artifactId}:{dependency.version} sha256:{digest}"


def main() -> None:
    """Resolve, hash and write the lock, sorted so that a diff shows what changed."""
    lines = sorted({line(each) for each in resolve(MavenContext())})
    head = "# The broker's class path. Made by deploy/lock; checked at every start.\n"
    LOCK.write_text(head + "\n".join(lines) + "\n", encoding="ascii")
    print(f"{LOCK.name}: {len(lines)} jars")


if __name__ == "__main__":
    main()
