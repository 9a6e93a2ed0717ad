"""Showing a reviewer more: a reveal is an intent under policy, granted by another person.

    fields.py    which parts of a body are meant, picked out (pure)
    sealed.py    what was revealed, sealed to the one person who asked, as a file
    desk.py      the executor class `reveal`, run by the gate: opens, picks, seals
    command.py   `phigate reveal ask | open | key`

The reveal's own case tells who asked, for which fields of which intent, who agreed, and what came
of it; its time limit and route are the policy's (action `phi.reveal`, resource `Intent/<id>`).
"""
