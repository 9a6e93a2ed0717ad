"""Faust hosts the core and decides nothing.

record.py      one Kafka record, as every host sees it
leave.py       how a process leaves when going on would lose something
pulse.py       a pause longer than the session is noticed before any effect (rule 22)
positions.py   where each partition continues; an event that does not follow is never folded
deliveries.py  librdkafka underneath, awaited: nothing is acknowledged before it is durable
rows.py        a table row: its position and deadline before the case's bytes
faust/         what mends Faust: app, consumer, table, credentials, by numbered rules
loop.py        folding a log: outputs, then the row, then the position
views.py       no stale view stays the last of its key
fold.py        requests, verdicts, grants and deadlines     audit.py   the chained entries
admission/     what admit does to one input                 admit.py   doing it in parallel
pool.py        masking in processes of their own            keys.py    the keys of each role
supervise.py   keeps the worker processes of one machine running
up.py          broker, topics and workers together; stops only what it started
"""
