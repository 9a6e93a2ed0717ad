------------------------------ MODULE Machines ------------------------------
(* One executor class on two machines: one partition of its topic, one group, a ledger a machine,
   and the class's own notes of what was begun, as streams/executor/conduct.py, loop.py, passed.py,
   notes.py and ledger.py keep them; actions name their steps.

   The fold may say a grant again at any time, the partition may move at any time, and whoever lost
   it may not know. A machine may die between any two steps; its ledger may be lost, or put back as
   it was when its process stood still. The group's position and mark may be lost, or the notes, as
   often as one likes, but not both in one behaviour. H is signed by a key that the machines
   learn at some time; what runs past a grant that waits for its key has the note alone for a witness, so
   in a behaviour that loses the notes nothing does.

   A mark's number stands for the ledger's generation and its count in it: no two are alike. A ledger
   knows the numbers that it drew and has not started a grant under.

   Variant is "as designed", or the name of one rule that is broken. *)
EXTENDS Naturals, Sequences, TLC

CONSTANTS Variant, FaultsMax, m1, m2

VARIABLES topic, owner, offset, marks, notes, over, lost,            \* in Kafka
          held, pos, pc, begun, passed, number, knows, parked,      \* in a process
          ledger, known, saved,                                     \* on a disk
          drawn, runs, reports, faults

kafka == <<topic, owner, offset, marks, notes, over, lost>>
process == <<held, pos, pc, begun, passed, number, knows, parked>>
disk == <<ledger, known, saved>>
seen == <<drawn, runs, reports, faults>>
vars == <<kafka, process, disk, seen>>

Machines == {m1, m2}
Symmetry == Permutations(Machines)
Grants == {"G", "H"}
LengthMax == 3
Empty == [g \in Grants |-> "none"]
Min(S) == CHOOSE n \in S : \A m \in S : n <= m

Init ==
    /\ topic = <<"H", "G">> /\ owner = "none" /\ offset = 0 /\ marks = {}
    /\ notes = {} /\ over = {} /\ lost = "nothing"
    /\ held = [m \in Machines |-> FALSE]
    /\ pos = [m \in Machines |-> 0]
    /\ pc = [m \in Machines |-> "idle"]
    /\ begun = [m \in Machines |-> {}]
    /\ passed = [m \in Machines |-> {}]
    /\ number = [m \in Machines |-> 0]
    /\ knows = FALSE
    /\ parked = [m \in Machines |-> {}]
    /\ ledger = [m \in Machines |-> Empty]
    /\ known = [m \in Machines |-> {}]
    /\ saved = [m \in Machines |-> [rows |-> Empty, known |-> {}]]
    /\ drawn = 0 /\ runs = [g \in Grants |-> 0] /\ reports = {} /\ faults = 0

Fault == faults < FaultsMax /\ faults' = faults + 1
Told == drawn' = drawn /\ runs' = runs /\ reports' = reports

(* The fold says a grant again, at a later offset. *)
Again(g) ==
    /\ Len(topic) < LengthMax /\ topic' = Append(topic, g)
    /\ UNCHANGED <<owner, offset, marks, notes, over, lost, process, disk, seen>>

(* ---------------------------------------------------------------- one process *)

(* The partition comes to a machine: it reads the group's position, its marks, what it passed, and
   the notes. *)
Assign(m) ==
    /\ owner # m /\ pc[m] = "idle" /\ Fault
    /\ owner' = m
    /\ held' = [held EXCEPT ![m] = TRUE]
    /\ pos' = [pos EXCEPT ![m] = offset]
    /\ parked' = [parked EXCEPT ![m] = {}]
    /\ begun' = [begun EXCEPT ![m] =
            (IF Variant = "no mark" THEN {} ELSE marks)
            \union (IF Variant = "no notes" THEN {} ELSE notes)]
    /\ passed' = [passed EXCEPT ![m] = over \union
            (IF Variant = "never reads back" THEN {} ELSE { topic[n] : n \in 1..offset })]
    /\ UNCHANGED <<topic, offset, marks, notes, over, lost, pc, number, knows, disk>> /\ Told

Todo(m) == IF knows /\ parked[m] # {} THEN Min(parked[m]) ELSE pos[m]
Here(m) == topic[Todo(m) + 1]
Low(m) == Min(parked[m] \union {pos[m]})
Ready(m) == held[m] /\ pc[m] = "idle" /\ Todo(m) < Len(topic)
Readable(m) == Here(m) = "G" \/ knows

(* What another ledger began, or this one before it was put back. *)
Elsewhere(m) == \E each \in begun[m] :
    /\ each.grant = Here(m)
    /\ IF Variant = "trusts its own name" THEN each.by # m ELSE each.number \notin known[m]

(* The published keys have come. *)
Learn ==
    /\ ~knows /\ \A m \in Machines : pc[m] = "idle"
    /\ knows' = TRUE
    /\ UNCHANGED <<kafka, held, pos, pc, begun, passed, number, parked, disk, seen>>

(* A key that is not known yet: what follows goes on, and the position stays before it. *)
Park(m) ==
    /\ Ready(m) /\ ~Readable(m) /\ lost # "notes"
    /\ IF Variant = "passes an unknown key"
       THEN pc' = [pc EXCEPT ![m] = "reported"] /\ UNCHANGED <<pos, parked>>
       ELSE /\ parked' = [parked EXCEPT ![m] = @ \union {pos[m]}]
            /\ pos' = [pos EXCEPT ![m] = @ + 1] /\ UNCHANGED pc
    /\ UNCHANGED <<kafka, held, begun, passed, number, knows, disk, seen>>

(* What the ledger has done is reported again; what it only began, or another began, is unknown. *)
Tell(m) ==
    /\ Ready(m) /\ Readable(m)
    /\ \/ ledger[m][Here(m)] \in {"started", "done"}
       \/ Elsewhere(m) /\ Here(m) \notin passed[m]
    /\ ledger' = [ledger EXCEPT ![m][Here(m)] = "done"]
    /\ reports' = reports \union {Here(m)}
    /\ pc' = [pc EXCEPT ![m] = "reported"]
    /\ UNCHANGED <<kafka, held, pos, begun, passed, number, knows, parked, known, saved, drawn, runs, faults>>

(* Passed over by the group, or noted as over, and not in this ledger: somebody else's, and reported. *)
Pass(m) ==
    /\ Ready(m) /\ Readable(m) /\ ledger[m][Here(m)] = "none" /\ Here(m) \in passed[m]
    /\ pc' = [pc EXCEPT ![m] = "reported"]
    /\ UNCHANGED <<kafka, held, pos, begun, passed, number, knows, parked, disk, seen>>

New(m) ==
    /\ Ready(m) /\ Readable(m) /\ ledger[m][Here(m)] = "none"
    /\ Here(m) \notin passed[m] /\ ~Elsewhere(m)

Mark(m, n) == [grant |-> Here(m), number |-> n, by |-> m]
Others(m) == { each \in marks : each.grant # Here(m) }

(* 6: the ledger draws a number, then the note is delivered. *)
Note(m) ==
    /\ New(m)
    /\ drawn' = drawn + 1
    /\ number' = [number EXCEPT ![m] = drawn + 1]
    /\ known' = [known EXCEPT ![m] = @ \union {drawn + 1}]
    /\ notes' = IF Variant = "note after fence" THEN notes
                ELSE notes \union {Mark(m, drawn + 1)}
    /\ pc' = [pc EXCEPT ![m] = "noted"]
    /\ UNCHANGED <<topic, owner, offset, marks, over, lost, held, pos, begun, passed, knows, parked,
                   ledger, saved, runs, reports, faults>>

(* 6: the position is committed as it is, with the mark beside those of other grants. *)
Fence(m) ==
    /\ pc[m] = "noted" /\ (owner = m \/ Variant = "no fence")
    /\ offset' = IF owner = m THEN Low(m) ELSE offset
    /\ marks' = IF owner = m THEN Others(m) \union {Mark(m, number[m])} ELSE marks
    /\ pc' = [pc EXCEPT ![m] = "fenced"]
    /\ UNCHANGED <<topic, owner, notes, over, lost, held, pos, begun, passed, number, knows, parked,
                   disk, seen>>

(* Who has lost the partition cannot; the note is withdrawn, where Kafka can be reached. *)
Fenced(m) ==
    /\ pc[m] = "noted" /\ owner # m
    /\ held' = [held EXCEPT ![m] = FALSE] /\ pc' = [pc EXCEPT ![m] = "idle"]
    /\ \/ notes' = notes \ {Mark(m, number[m])}
       \/ UNCHANGED notes
    /\ UNCHANGED <<topic, owner, offset, marks, over, lost, pos, begun, passed, number, knows, parked,
                   disk, seen>>

Start(m) ==  (* 7 *)
    /\ pc[m] = "fenced"
    /\ ledger' = [ledger EXCEPT ![m][Here(m)] = "started"]
    /\ known' = [known EXCEPT ![m] = @ \ {number[m]}]
    /\ notes' = IF Variant = "note after fence" THEN notes \union {Mark(m, number[m])}
                ELSE notes
    /\ pc' = [pc EXCEPT ![m] = "started"]
    /\ UNCHANGED <<topic, owner, offset, marks, over, lost, held, pos, begun, passed, number, knows,
                   parked, saved, seen>>

Run(m) ==  (* 8 *)
    /\ pc[m] = "started"
    /\ runs' = [runs EXCEPT ![Here(m)] = @ + 1]
    /\ pc' = [pc EXCEPT ![m] = "ran"]
    /\ UNCHANGED <<kafka, held, pos, begun, passed, number, knows, parked, disk, drawn, reports, faults>>

Report(m) ==  (* 9, 10; the note that it is over may be lost *)
    /\ pc[m] = "ran"
    /\ ledger' = [ledger EXCEPT ![m][Here(m)] = "done"]
    /\ reports' = reports \union {Here(m)}
    /\ \/ over' = over \union {Here(m)}
       \/ UNCHANGED over
    /\ pc' = [pc EXCEPT ![m] = "reported"]
    /\ UNCHANGED <<topic, owner, offset, marks, notes, lost, held, pos, begun, passed, number, knows,
                   parked, known, saved, drawn, runs, faults>>

Commit(m) ==  (* 11; refused to whoever has lost the partition, who goes on all the same *)
    /\ pc[m] = "reported"
    /\ IF Todo(m) \in parked[m]
       THEN parked' = [parked EXCEPT ![m] = @ \ {Todo(m)}] /\ pos' = pos
       ELSE parked' = parked /\ pos' = [pos EXCEPT ![m] = @ + 1]
    /\ offset' = IF owner = m THEN Min(parked'[m] \union {pos'[m]}) ELSE offset
    /\ marks' = IF owner = m THEN Others(m) ELSE marks
    /\ pc' = [pc EXCEPT ![m] = "idle"]
    /\ UNCHANGED <<topic, owner, notes, over, lost, held, begun, passed, number, knows, disk, seen>>

Die(m) ==
    /\ held[m] /\ Fault
    /\ held' = [held EXCEPT ![m] = FALSE] /\ pc' = [pc EXCEPT ![m] = "idle"]
    /\ owner' = IF owner = m THEN "none" ELSE owner
    /\ UNCHANGED <<topic, offset, marks, notes, over, lost, pos, begun, passed, number, knows, parked,
                   disk>> /\ Told

(* ---------------------------------------------------------------- what is lost, and put back *)

(* This variant is about a ledger that is put back, and needs no other loss. *)
Restored == Variant = "trusts its own name"

LoseLedger(m) ==
    /\ ~held[m] /\ Fault /\ ledger[m] # Empty /\ ~Restored
    /\ ledger' = [ledger EXCEPT ![m] = Empty] /\ known' = [known EXCEPT ![m] = {}]
    /\ UNCHANGED <<kafka, process, saved>> /\ Told

(* A ledger is copied while its process stands still. *)
BackUp(m) ==
    /\ ~held[m] /\ saved' = [saved EXCEPT ![m] = [rows |-> ledger[m], known |-> known[m]]]
    /\ saved' # saved
    /\ UNCHANGED <<kafka, process, ledger, known, seen>>

Restore(m) ==
    /\ ~held[m] /\ Fault /\ saved[m].rows # ledger[m]
    /\ ledger' = [ledger EXCEPT ![m] = saved[m].rows]
    /\ known' = [known EXCEPT ![m] = saved[m].known]
    /\ UNCHANGED <<kafka, process, saved>> /\ Told

LoseOffsets ==
    /\ lost # "notes" /\ ~Restored /\ Fault /\ (offset # 0 \/ marks # {})
    /\ offset' = 0 /\ marks' = {} /\ lost' = "offsets"
    /\ UNCHANGED <<topic, owner, notes, over, process, disk>> /\ Told

LoseNotes ==
    /\ lost # "offsets" /\ ~Restored /\ Fault /\ (notes # {} \/ over # {})
    /\ \A m \in Machines : parked[m] = {}
    /\ notes' = {} /\ over' = {} /\ lost' = "notes"
    /\ UNCHANGED <<topic, owner, offset, marks, process, disk>> /\ Told

Next ==
    \/ \E g \in Grants : Again(g)
    \/ LoseOffsets \/ LoseNotes \/ Learn
    \/ \E m \in Machines :
        \/ Assign(m) \/ Park(m) \/ Tell(m) \/ Pass(m) \/ Note(m) \/ Fence(m) \/ Fenced(m)
        \/ Start(m) \/ Run(m) \/ Report(m) \/ Commit(m) \/ Die(m)
        \/ LoseLedger(m) \/ BackUp(m) \/ Restore(m)

Spec == Init /\ [][Next]_vars

(* ---------------------------------------------------------------- invariants *)

(* A grant runs at most once. *)
Once == \A g \in Grants : runs[g] <= 1

(* I5: nothing is passed over that nobody reported. *)
I5 == \A n \in 1..offset : topic[n] \in reports

=============================================================================
