"""`phigate doctor`: the effective posture, one line each, with what to do about it.

finding.py   one line: how it stands, what was seen, what to do
home.py      files and keys: permissions, ages, the gate's keys against the directory
rules.py     four eyes: who can review what, and what nobody has to (pure but for the files)
waiting.py   grants that wait before their executors
workers.py   who works on the log, what waits for them, by which rules they judge
cluster.py   the broker: security, rights, topics, clocks, the audit behind the log
reading.py   what guards PHI: sealing, the key provider, the masker and its model
examine.py   all of them, each by itself: one that fails is a finding
command.py   flags and printing
"""
