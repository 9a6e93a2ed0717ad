----------------------------- MODULE PhigateLog -----------------------------
(* The protocol of one partition of the log, as streams/worker/loop.py, table.py and
   streams/executor/conduct.py keep it; each action names its numbered effect.

   Two workers may both believe that they own the partition, for ever: no pulse, no fencing. Each has
   a disk that survives a crash, a queue for the changelog that does not, and in memory what is not
   yet durable. An executor with a ledger runs what it finds granted.

   The two workers are alike: what the one does the other could do, so TLC looks at one of each pair
   of states that differ in their names alone.

   Variant is "as designed", or the name of one rule that is broken: the tests see each of them
   violate an invariant. The invariants are named as in ARCHITECTURE.md. *)
EXTENDS Naturals, Sequences, FiniteSets, TLC

CONSTANTS Variant, FaultsMax, w1, w2

VARIABLES log, outputs, changelog, held, pos, pc, disk, taken, fresh, queue, ledger, exec, runs, faults

vars == <<log, outputs, changelog, held, pos, pc, disk, taken, fresh, queue, ledger, exec, runs, faults>>

Workers == {w1, w2}
Symmetry == Permutations(Workers)
Keys == {"A", "B"}
Ends == {"granted", "denied"}

Event(key, what) == [key |-> key, what |-> what]
Opens(key) == Event(key, "open")
Yes(key) == Event(key, "yes")
Foreign(key) == Event(key, "foreign")  \* an input under this id, of which nobody knows who sent it
No(key) == Event(key, "no")

(* What admit wrote: every order and every repetition that matters, a case beside the case. *)
Logs == { <<Opens("A"), Opens("B"), Yes("A")>>,
          <<Opens("A"), Yes("A"), Opens("B")>>,
          <<Opens("A"), Yes("A"), No("A")>>,
          <<Opens("A"), No("A"), Opens("A")>>,
          <<Foreign("A"), Opens("A"), Yes("A")>> }

(* ---------------------------------------------------------------- the fold *)

Step(state, what) ==
    CASE state = "none" /\ what = "open" -> "pending"
      [] state = "pending" /\ what = "yes" -> "granted"
      [] state = "pending" /\ what = "no" -> "denied"
      [] state = "none" /\ what = "foreign" /\ Variant = "a foreign refusal opens a case" -> "denied"
      [] OTHER -> state

RECURSIVE Fold(_, _)
Fold(key, upto) ==
    IF upto = 0 THEN "none"
    ELSE IF log[upto].key = key THEN Step(Fold(key, upto - 1), log[upto].what)
    ELSE Fold(key, upto - 1)

RECURSIVE Last(_, _)
Last(key, upto) ==
    IF upto = 0 THEN 0 ELSE IF log[upto].key = key THEN upto ELSE Last(key, upto - 1)

(* ---------------------------------------------------------------- rows *)

Nothing == [applied |-> 0, state |-> "none"]
Row(applied, state) == [applied |-> applied, state |-> state]
NoRows == [k \in Keys |-> Nothing]

View(w) == [k \in Keys |-> IF fresh[w][k].applied > 0 THEN fresh[w][k] ELSE disk[w][k]]

Candidates(w, k) == { n \in (taken[w] + 1)..Len(changelog) : changelog[n].key = k }
Newest(S) == CHOOSE n \in S : \A m \in S : n >= m
Highest(S) == CHOOSE n \in S : \A m \in S : changelog[n].row.applied >= changelog[m].row.applied

(* Recovery never goes back (rule 21 of streams/worker/faust/README.md). *)
Recovered(w) ==
    [k \in Keys |->
        IF Candidates(w, k) = {} THEN disk[w][k]
        ELSE IF Variant = "recovery keeps the last row" THEN changelog[Newest(Candidates(w, k))].row
        ELSE LET best == changelog[Highest(Candidates(w, k))].row
             IN IF best.applied >= disk[w][k].applied THEN best ELSE disk[w][k]]

After(rows) ==
    LET applied == { rows[k].applied : k \in Keys }
    IN 1 + CHOOSE n \in applied : \A m \in applied : n >= m

(* ---------------------------------------------------------------- workers *)

Init ==
    /\ log \in Logs
    /\ outputs = {} /\ changelog = <<>>
    /\ held = [w \in Workers |-> FALSE] /\ pos = [w \in Workers |-> 1]
    /\ pc = [w \in Workers |-> "idle"]
    /\ disk = [w \in Workers |-> NoRows] /\ taken = [w \in Workers |-> 0]
    /\ fresh = [w \in Workers |-> NoRows] /\ queue = [w \in Workers |-> <<>>]
    /\ ledger = "none" /\ exec = "idle" /\ runs = 0 /\ faults = 0

Executor == <<ledger, exec, runs>>

(* A worker is given the partition. Nobody tells the other one: it is a zombie from here on. *)
Assign(w) ==
    /\ ~held[w]
    /\ held' = [held EXCEPT ![w] = TRUE]
    /\ disk' = [disk EXCEPT ![w] = Recovered(w)]
    /\ taken' = [taken EXCEPT ![w] = Len(changelog)]
    /\ fresh' = [fresh EXCEPT ![w] = NoRows]
    /\ pos' = [pos EXCEPT ![w] = After(Recovered(w))]
    /\ pc' = [pc EXCEPT ![w] = "idle"]
    /\ UNCHANGED <<log, outputs, changelog, queue, Executor, faults>>

New(w) == Step(View(w)[log[pos[w]].key].state, log[pos[w]].what)

(* 1 to 3: the event that follows is taken. A replayed one is folded again only where that is broken. *)
Take(w) ==
    /\ held[w] /\ pc[w] = "idle" /\ pos[w] <= Len(log)
    /\ pc' = [pc EXCEPT ![w] = IF Variant = "output after row" THEN "row" ELSE "output"]
    /\ UNCHANGED <<log, outputs, changelog, held, pos, disk, taken, fresh, queue, Executor, faults>>

(* A rebalance of Faust passes events over (rule 20); the position check seeks back, or it is lost. *)
Skip(w) ==
    /\ Variant = "no position check"
    /\ held[w] /\ pc[w] = "idle" /\ pos[w] <= Len(log) /\ faults < FaultsMax
    /\ pos' = [pos EXCEPT ![w] = @ + 1]
    /\ faults' = faults + 1
    /\ UNCHANGED <<log, outputs, changelog, held, pc, disk, taken, fresh, queue, Executor>>

(* 4: the case's projections are durable. *)
Publish(w) ==
    /\ held[w] /\ pc[w] = "output"
    /\ outputs' = outputs \cup {[key |-> log[pos[w]].key, at |-> pos[w], state |-> New(w)]}
    /\ IF Variant = "output after row"
       THEN /\ pc' = [pc EXCEPT ![w] = "idle"] /\ pos' = [pos EXCEPT ![w] = @ + 1]
       ELSE /\ pc' = [pc EXCEPT ![w] = "row"] /\ UNCHANGED pos
    /\ UNCHANGED <<log, changelog, held, disk, taken, fresh, queue, Executor, faults>>

(* 6 and 7: the row is written and queued, the position advances. *)
Write(w) ==
    /\ held[w] /\ pc[w] = "row"
    /\ LET k == log[pos[w]].key
           row == Row(pos[w], New(w))
       IN /\ queue' = [queue EXCEPT ![w] = Append(@, [key |-> k, row |-> row])]
          /\ IF Variant = "row on disk before changelog"
             THEN /\ disk' = [disk EXCEPT ![w][k] = row] /\ UNCHANGED fresh
             ELSE /\ fresh' = [fresh EXCEPT ![w][k] = row] /\ UNCHANGED disk
    /\ IF Variant = "output after row"
       THEN /\ pc' = [pc EXCEPT ![w] = "output"] /\ UNCHANGED pos
       ELSE /\ pc' = [pc EXCEPT ![w] = "idle"] /\ pos' = [pos EXCEPT ![w] = @ + 1]
    /\ UNCHANGED <<log, outputs, changelog, held, taken, Executor, faults>>

(* The changelog has the row: now the disk may. *)
Durable(w) ==
    /\ held[w] /\ queue[w] # <<>>
    /\ LET told == Head(queue[w])
           next == Len(changelog) + 1
       IN /\ changelog' = Append(changelog, told)
          /\ disk' = IF told.row.applied >= disk[w][told.key].applied
                     THEN [disk EXCEPT ![w][told.key] = told.row] ELSE disk
          /\ fresh' = IF fresh[w][told.key] = told.row
                      THEN [fresh EXCEPT ![w][told.key] = Nothing] ELSE fresh
          /\ taken' = IF taken[w] = next - 1 \/ Variant = "notes the changelog over a gap"
                      THEN [taken EXCEPT ![w] = next] ELSE taken
    /\ queue' = [queue EXCEPT ![w] = Tail(@)]
    /\ UNCHANGED <<log, outputs, held, pos, pc, Executor, faults>>

(* kill -9: what was queued is lost, what was on the disk is not. *)
Crash(w) ==
    /\ held[w] /\ faults < FaultsMax
    /\ held' = [held EXCEPT ![w] = FALSE]
    /\ fresh' = [fresh EXCEPT ![w] = NoRows]
    /\ queue' = [queue EXCEPT ![w] = <<>>]
    /\ pc' = [pc EXCEPT ![w] = "idle"]
    /\ faults' = faults + 1
    /\ UNCHANGED <<log, outputs, changelog, pos, disk, taken, Executor>>

LoseDisk(w) ==
    /\ ~held[w] /\ faults < FaultsMax
    /\ disk' = [disk EXCEPT ![w] = NoRows]
    /\ taken' = [taken EXCEPT ![w] = 0]
    /\ faults' = faults + 1
    /\ UNCHANGED <<log, outputs, changelog, held, pos, pc, fresh, queue, Executor>>

(* ---------------------------------------------------------------- the executor of A's class *)

Granted == \E o \in outputs : o.key = "A" /\ o.state = "granted"

Begin ==
    /\ Granted /\ exec = "idle"
    /\ ledger = "none" \/ Variant = "no ledger"
    /\ ledger' = IF Variant = "runs before its ledger" THEN ledger ELSE "started"
    /\ exec' = "begun"
    /\ UNCHANGED <<log, outputs, changelog, held, pos, pc, disk, taken, fresh, queue, runs, faults>>

Run ==
    /\ exec = "begun"
    /\ runs' = runs + 1 /\ exec' = "ran"
    /\ UNCHANGED <<log, outputs, changelog, held, pos, pc, disk, taken, fresh, queue, ledger, faults>>

Finish ==
    /\ exec = "ran" \/ (exec = "idle" /\ ledger = "started")  \* the latter is `unknown`
    /\ ledger' = "done" /\ exec' = "idle"
    /\ UNCHANGED <<log, outputs, changelog, held, pos, pc, disk, taken, fresh, queue, runs, faults>>

Die ==
    /\ exec # "idle" /\ faults < FaultsMax
    /\ exec' = "idle" /\ faults' = faults + 1
    /\ UNCHANGED <<log, outputs, changelog, held, pos, pc, disk, taken, fresh, queue, ledger, runs>>

Next ==
    \/ \E w \in Workers :
        \/ Assign(w) \/ Take(w) \/ Skip(w) \/ Publish(w) \/ Write(w) \/ Durable(w)
        \/ Crash(w) \/ LoseDisk(w)
    \/ Begin \/ Run \/ Finish \/ Die

Spec == Init /\ [][Next]_vars

(* ---------------------------------------------------------------- invariants *)

(* I1: what ran was granted by the log. *)
I1 == runs > 0 => Fold("A", Len(log)) = "granted"

(* I3: whatever is on its way to a table was published before; the act never lags its record. *)
Said(k, n) == \E o \in outputs : o.key = k /\ o.at = n
I3 ==
    /\ \A n \in 1..Len(changelog) : Said(changelog[n].key, changelog[n].row.applied)
    /\ \A w \in Workers, k \in Keys : disk[w][k].applied > 0 => Said(k, disk[w][k].applied)

(* I4: one intent is told one end. *)
I4 == \A a, b \in outputs :
        (a.key = b.key /\ a.state \in Ends /\ b.state \in Ends) => a.state = b.state

(* I5: who has come to the end of the log has left nothing out. *)
I5 == \A w \in Workers :
        (held[w] /\ pc[w] = "idle" /\ pos[w] > Len(log))
            => \A n \in 1..Len(log) : Said(log[n].key, n)

(* I7: the same log, the same bytes: what is published, and the table of whoever folds. *)
I7 ==
    /\ \A o \in outputs : o.state = Fold(o.key, o.at)
    /\ \A w \in Workers : (held[w] /\ pc[w] = "idle")
            => \A k \in Keys : View(w)[k] =
                    LET n == Last(k, pos[w] - 1) IN IF n = 0 THEN Nothing ELSE Row(n, Fold(k, n))

(* A grant runs at most once. *)
Once == runs <= 1

(* Nobody has another's intent denied by being first under its id. *)
Own == \A o \in outputs :
        o.state = "denied" => \E n \in 1..Len(log) : log[n] = No(o.key)

=============================================================================
