"""The broker on this machine: a real Apache Kafka in KRaft mode, without Java, Maven or Docker.

Reading order: `cluster` (what it is for), `node` (one broker), `process` (what the operating system
is asked), `config` (what Kafka is told), `jars` (what runs, checked against `jars.lock`), `state`
(what the next command finds), `command` (the `kafka` group of the command line).
"""
