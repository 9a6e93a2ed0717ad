"""Break a real cluster while a checker reads the history.

In reading order:

history.py    what was written down: topics, clients' journals, logs
refold.py     the log folded once more, by `streams.gate.step` alone
checker.py    history in, findings out: pure, knows nothing of workers
rows.py       the two tables' changelogs against the refold

site.py       keys, people, policy, the three brokers, the topics
proxy.py      a TCP proxy between workers and brokers: slow, cut
crew.py       the worker processes: killed, paused, told to stop, robbed of their disk
clock/        a `sitecustomize` that moves one worker's clock
traffic.py    agents that propose; a journal of what was acknowledged
people.py     approvers that answer; a journal likewise
house.py      the executor's app; a journal of what was run
watch.py      reads verdicts while it runs: what is still open, how long recovery took
faults.py     the table of faults
assault.py    some strikers at once, each with a bag of all faults
upgrade.py    the next version, made of this one
collect.py    topics and journals into a `History`
"""
