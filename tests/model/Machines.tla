------------------------------ MODULE Machines ------------------------------
(* One executor class on two machines: one partition of its topic, one group, a ledger a machine,
   as streams/executor/conduct.py, loop.py and passed.py keep it; actions name their steps.

   The fold may say a grant again at any time, the partition may move at any time, and whoever lost
   it may not know. A machine may die between any two steps, and may come back with an empty ledger,
   which then has another identity.

   Variant is "as designed", or the name of one rule that is broken. *)
EXTENDS Naturals, Sequences

CONSTANTS Variant, FaultsMax

VARIABLES topic, owner, offset, mark, held, pos, pc, begun, passed, ledger, ident, runs, reports, faults

vars == <<topic, owner, offset, mark, held, pos, pc, begun, passed, ledger, ident, runs, reports, faults>>

Machines == {"m1", "m2"}
Grants == {"G", "H"}
LengthMax == 4
NoMark == [grant |-> "none", machine |-> "none", ident |-> 0]
Mark(g, m) == [grant |-> g, machine |-> m, ident |-> ident[m]]
Empty == [g \in Grants |-> "none"]

Init ==
    /\ topic = <<"G", "H">> /\ owner = "none" /\ offset = 0 /\ mark = NoMark
    /\ held = [m \in Machines |-> FALSE]
    /\ pos = [m \in Machines |-> 0]
    /\ pc = [m \in Machines |-> "idle"]
    /\ begun = [m \in Machines |-> NoMark]
    /\ passed = [m \in Machines |-> {}]
    /\ ledger = [m \in Machines |-> Empty]
    /\ ident = [m \in Machines |-> 1]
    /\ runs = [g \in Grants |-> 0] /\ reports = {} /\ faults = 0

(* The fold says a grant again, at a later offset. *)
Again(g) ==
    /\ Len(topic) < LengthMax /\ topic' = Append(topic, g)
    /\ UNCHANGED <<owner, offset, mark, held, pos, pc, begun, passed, ledger, ident, runs, reports, faults>>

(* The partition comes to a machine: it reads the group's position, its mark, and what it passed. *)
Assign(m) ==
    /\ owner # m /\ pc[m] = "idle" /\ faults < FaultsMax
    /\ owner' = m /\ faults' = faults + 1
    /\ held' = [held EXCEPT ![m] = TRUE]
    /\ pos' = [pos EXCEPT ![m] = offset]
    /\ begun' = [begun EXCEPT ![m] = IF Variant = "no mark" THEN NoMark ELSE mark]
    /\ passed' = [passed EXCEPT ![m] =
            IF Variant = "never reads back" THEN {} ELSE { topic[n] : n \in 1..offset }]
    /\ UNCHANGED <<topic, offset, mark, pc, ledger, ident, runs, reports>>

Here(m) == topic[pos[m] + 1]
Elsewhere(m) == begun[m].grant = Here(m) /\ begun[m] # Mark(Here(m), m)

Ready(m) == held[m] /\ pc[m] = "idle" /\ pos[m] < Len(topic)

(* What the ledger has done is reported again; what it only began, or another began, is unknown. *)
Tell(m) ==
    /\ Ready(m)
    /\ \/ ledger[m][Here(m)] \in {"started", "done"}
       \/ Elsewhere(m) /\ Here(m) \notin passed[m]
    /\ ledger' = [ledger EXCEPT ![m][Here(m)] = "done"]
    /\ reports' = reports \union {Here(m)}
    /\ pc' = [pc EXCEPT ![m] = "reported"]
    /\ UNCHANGED <<topic, owner, offset, mark, held, pos, begun, passed, ident, runs, faults>>

(* Passed over by the group, and not in this ledger: somebody else's, and reported. *)
Pass(m) ==
    /\ Ready(m) /\ ledger[m][Here(m)] = "none" /\ Here(m) \in passed[m]
    /\ pc' = [pc EXCEPT ![m] = "reported"]
    /\ UNCHANGED <<topic, owner, offset, mark, held, pos, begun, passed, ledger, ident, runs, reports, faults>>

New(m) ==
    Ready(m) /\ ledger[m][Here(m)] = "none" /\ Here(m) \notin passed[m] /\ ~Elsewhere(m)

(* 6: the position is committed as it is, with a mark; who has lost the partition cannot. *)
Fence(m) ==
    /\ New(m) /\ (owner = m \/ Variant = "no fence")
    /\ offset' = IF owner = m THEN pos[m] ELSE offset
    /\ mark' = IF owner = m THEN Mark(Here(m), m) ELSE mark
    /\ pc' = [pc EXCEPT ![m] = "fenced"]
    /\ UNCHANGED <<topic, owner, held, pos, begun, passed, ledger, ident, runs, reports, faults>>

Fenced(m) ==
    /\ New(m) /\ owner # m
    /\ held' = [held EXCEPT ![m] = FALSE]
    /\ UNCHANGED <<topic, owner, offset, mark, pos, pc, begun, passed, ledger, ident, runs, reports, faults>>

Start(m) ==  (* 7 *)
    /\ pc[m] = "fenced"
    /\ ledger' = [ledger EXCEPT ![m][Here(m)] = "started"]
    /\ pc' = [pc EXCEPT ![m] = "started"]
    /\ UNCHANGED <<topic, owner, offset, mark, held, pos, begun, passed, ident, runs, reports, faults>>

Run(m) ==  (* 8 *)
    /\ pc[m] = "started"
    /\ runs' = [runs EXCEPT ![Here(m)] = @ + 1]
    /\ pc' = [pc EXCEPT ![m] = "ran"]
    /\ UNCHANGED <<topic, owner, offset, mark, held, pos, begun, passed, ledger, ident, reports, faults>>

Report(m) ==  (* 9, 10 *)
    /\ pc[m] = "ran"
    /\ ledger' = [ledger EXCEPT ![m][Here(m)] = "done"]
    /\ reports' = reports \union {Here(m)}
    /\ pc' = [pc EXCEPT ![m] = "reported"]
    /\ UNCHANGED <<topic, owner, offset, mark, held, pos, begun, passed, ident, runs, faults>>

Commit(m) ==  (* 11; refused to whoever has lost the partition, who goes on all the same *)
    /\ pc[m] = "reported"
    /\ offset' = IF owner = m THEN pos[m] + 1 ELSE offset
    /\ mark' = IF owner = m THEN NoMark ELSE mark
    /\ pos' = [pos EXCEPT ![m] = @ + 1]
    /\ begun' = [begun EXCEPT ![m] = NoMark]
    /\ pc' = [pc EXCEPT ![m] = "idle"]
    /\ UNCHANGED <<topic, owner, held, passed, ledger, ident, runs, reports, faults>>

Die(m) ==
    /\ held[m] /\ faults < FaultsMax
    /\ held' = [held EXCEPT ![m] = FALSE] /\ pc' = [pc EXCEPT ![m] = "idle"]
    /\ owner' = IF owner = m THEN "none" ELSE owner
    /\ faults' = faults + 1
    /\ UNCHANGED <<topic, offset, mark, pos, begun, passed, ledger, ident, runs, reports>>

LoseLedger(m) ==
    /\ ~held[m] /\ faults < FaultsMax /\ ledger[m] # Empty
    /\ ledger' = [ledger EXCEPT ![m] = Empty] /\ ident' = [ident EXCEPT ![m] = @ + 1]
    /\ faults' = faults + 1
    /\ UNCHANGED <<topic, owner, offset, mark, held, pos, pc, begun, passed, runs, reports>>

Next ==
    \/ \E g \in Grants : Again(g)
    \/ \E m \in Machines :
        \/ Assign(m) \/ Tell(m) \/ Pass(m) \/ Fence(m) \/ Fenced(m) \/ Start(m) \/ Run(m)
        \/ Report(m) \/ Commit(m) \/ Die(m) \/ LoseLedger(m)

Spec == Init /\ [][Next]_vars

(* ---------------------------------------------------------------- invariants *)

(* A grant runs at most once. *)
Once == \A g \in Grants : runs[g] <= 1

(* I5: nothing is passed over that nobody reported. *)
I5 == \A n \in 1..offset : topic[n] \in reports

=============================================================================
