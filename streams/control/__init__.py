"""The kill switch: signed orders above every decision, and what follows from them.

    scope.py     what a halt speaks of: everything, an agent, an action, a resource
    judge.py     one record of `controls` or `cancels`: who signed it, is it in time (pure)
    board.py     all of them together: what is halted, revoked, cancelled (pure)
    reader.py    Kafka: the board, read to the end of the orders before it is asked
    tail.py      one topic, read to its end
    client.py    signing and sending: officers, and agents that cancel
    seen.py      what the gate made of an order
    command.py   `phigate halt | resume | halts | revoke | cancel`

Officers are the people of the group that the directory names under `officers`. Admit refuses what
is halted and moves the case that is revoked; an executor asks the board by itself before each run,
so that an order holds even where admit, fold or their keys have fallen.
"""
