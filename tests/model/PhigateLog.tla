----------------------------- MODULE PhigateLog -----------------------------
(* The protocol of one partition of the log, as streams/worker/logprogram.py, faust/table.py and
   streams/executor/conduct.py keep it; each action names its numbered effect.

   Two workers may both believe that they own the partition, for ever: no pulse, no fencing. Each has
   a disk that survives a crash, a queue for the changelog that does not, and in memory what is not
   yet durable. Up to BatchMax events are taken at once, and anything may happen between any two effects
   of a batch. An executor with a ledger runs what it finds granted.

   The two workers are alike: what the one does the other could do, so TLC looks at one of each pair
   of states that differ in their names alone.

   Variant is "as designed", or the name of one rule that is broken: the tests see each of them
   violate an invariant. The invariants are named as in ARCHITECTURE.md. *)
EXTENDS Naturals, Sequences, FiniteSets, TLC

CONSTANTS Variant, FaultsMax, BatchMax, w1, w2

VARIABLES log, outputs, changelog, held, pos, pc, made, left, disk, taken, fresh, queue, ledger, exec,
          runs, faults

(* made: the batch, by position, as it was folded. left: what is not done of its present stage. *)
Batch == <<pc, made, left>>

vars == <<log, outputs, changelog, held, pos, Batch, disk, taken, fresh, queue, ledger, exec, runs, faults>>

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
    /\ made = [w \in Workers |-> <<>>] /\ left = [w \in Workers |-> {}]
    /\ disk = [w \in Workers |-> NoRows] /\ taken = [w \in Workers |-> 0]
    /\ fresh = [w \in Workers |-> NoRows] /\ queue = [w \in Workers |-> <<>>]
    /\ ledger = "none" /\ exec = "idle" /\ runs = 0 /\ faults = 0

Executor == <<ledger, exec, runs>>

(* The batch of w is forgotten: it is over, or the worker is. *)
Clear(w) ==
    /\ pc' = [pc EXCEPT ![w] = "idle"]
    /\ made' = [made EXCEPT ![w] = <<>>] /\ left' = [left EXCEPT ![w] = {}]

(* A worker is given the partition. Nobody tells the other one: it is a zombie from here on. *)
Assign(w) ==
    /\ ~held[w]
    /\ held' = [held EXCEPT ![w] = TRUE]
    /\ disk' = [disk EXCEPT ![w] = Recovered(w)]
    /\ taken' = [taken EXCEPT ![w] = Len(changelog)]
    /\ fresh' = [fresh EXCEPT ![w] = NoRows]
    /\ pos' = [pos EXCEPT ![w] = After(Recovered(w))]
    /\ Clear(w)
    /\ UNCHANGED <<log, outputs, changelog, queue, Executor, faults>>

(* What a key's case is after event n, over the rows and, of this batch, what was folded before. *)
RECURSIVE Over(_, _, _)
Over(w, key, n) ==
    IF n < pos[w] THEN View(w)[key].state
    ELSE IF log[n].key = key THEN Step(Over(w, key, n - 1), log[n].what)
    ELSE Over(w, key, n - 1)

Alone(w, n) == Step(View(w)[log[n].key].state, log[n].what)

(* 1 and 2: the events that follow are taken, and folded one after the other. *)
Take(w) ==
    /\ held[w] /\ pc[w] = "idle" /\ pos[w] <= Len(log)
    /\ \E upto \in pos[w]..Len(log) :
        /\ upto < pos[w] + BatchMax
        /\ made' = [made EXCEPT ![w] =
                [n \in pos[w]..upto |-> IF Variant = "forgets the overlay" THEN Alone(w, n)
                                        ELSE Over(w, log[n].key, n)]]
        /\ left' = [left EXCEPT ![w] = pos[w]..upto]
    /\ pc' = [pc EXCEPT ![w] = IF Variant = "output after row" THEN "row" ELSE "output"]
    /\ UNCHANGED <<log, outputs, changelog, held, pos, disk, taken, fresh, queue, Executor, faults>>

(* A rebalance of Faust passes events over (rule 20); the position check seeks back, or it is lost. *)
Skip(w) ==
    /\ Variant = "no position check"
    /\ held[w] /\ pc[w] = "idle" /\ pos[w] <= Len(log) /\ faults < FaultsMax
    /\ pos' = [pos EXCEPT ![w] = @ + 1]
    /\ faults' = faults + 1
    /\ UNCHANGED <<log, outputs, changelog, held, Batch, disk, taken, fresh, queue, Executor>>

(* The stage after this one, and all of the batch is before it. *)
Enter(w, stage) ==
    /\ pc' = [pc EXCEPT ![w] = stage]
    /\ left' = [left EXCEPT ![w] = DOMAIN made[w]]
    /\ UNCHANGED made

(* 7: the position advances over all of them, in memory alone: with the last row, or the last output. *)
Advance(w) ==
    /\ pos' = [pos EXCEPT ![w] = @ + Cardinality(DOMAIN made[w])]
    /\ Clear(w)

(* 4: one event's projections are durable, in any order; when all are, the rows may follow. *)
Publish(w) ==
    /\ held[w] /\ pc[w] = "output"
    /\ \E n \in left[w] :
        /\ outputs' = outputs \cup {[key |-> log[n].key, at |-> n, state |-> made[w][n]]}
        /\ IF left[w] # {n} /\ Variant # "a part of a batch is taken for all"
           THEN /\ left' = [left EXCEPT ![w] = @ \ {n}] /\ UNCHANGED <<pc, made, pos>>
           ELSE IF Variant = "output after row" THEN Advance(w)
           ELSE Enter(w, "row") /\ UNCHANGED pos
    /\ UNCHANGED <<log, changelog, held, disk, taken, fresh, queue, Executor, faults>>

First(S) == CHOOSE n \in S : \A m \in S : n <= m

(* 6: the rows are written and queued, in the order of the log: each says that all before it are. *)
Write(w) ==
    /\ held[w] /\ pc[w] = "row"
    /\ LET n == IF Variant \in {"position before row", "last row only"} THEN Newest(left[w])
                ELSE First(left[w])
           k == log[n].key
           row == Row(n, made[w][n])
       IN /\ queue' = [queue EXCEPT ![w] = Append(@, [key |-> k, row |-> row])]
          /\ IF Variant = "row on disk before changelog"
             THEN /\ disk' = [disk EXCEPT ![w][k] = row] /\ UNCHANGED fresh
             ELSE /\ fresh' = [fresh EXCEPT ![w][k] = row] /\ UNCHANGED disk
          /\ IF left[w] # {n} /\ Variant # "last row only"
             THEN /\ left' = [left EXCEPT ![w] = @ \ {n}] /\ UNCHANGED <<pc, made, pos>>
             ELSE IF Variant = "output after row" THEN Enter(w, "output") /\ UNCHANGED pos
             ELSE Advance(w)
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
    /\ UNCHANGED <<log, outputs, held, pos, Batch, Executor, faults>>

(* kill -9: what was queued is lost, what was on the disk is not. *)
Crash(w) ==
    /\ held[w] /\ faults < FaultsMax
    /\ held' = [held EXCEPT ![w] = FALSE]
    /\ fresh' = [fresh EXCEPT ![w] = NoRows]
    /\ queue' = [queue EXCEPT ![w] = <<>>]
    /\ Clear(w)
    /\ faults' = faults + 1
    /\ UNCHANGED <<log, outputs, changelog, pos, disk, taken, Executor>>

LoseDisk(w) ==
    /\ ~held[w] /\ faults < FaultsMax
    /\ disk' = [disk EXCEPT ![w] = NoRows]
    /\ taken' = [taken EXCEPT ![w] = 0]
    /\ faults' = faults + 1
    /\ UNCHANGED <<log, outputs, changelog, held, pos, Batch, fresh, queue, Executor>>

(* ---------------------------------------------------------------- the executor of A's class *)

Granted == \E o \in outputs : o.key = "A" /\ o.state = "granted"

Begin ==
    /\ Granted /\ exec = "idle"
    /\ ledger = "none" \/ Variant = "no ledger"
    /\ ledger' = IF Variant = "runs before its ledger" THEN ledger ELSE "started"
    /\ exec' = "begun"
    /\ UNCHANGED <<log, outputs, changelog, held, pos, Batch, disk, taken, fresh, queue, runs, faults>>

Run ==
    /\ exec = "begun"
    /\ runs' = runs + 1 /\ exec' = "ran"
    /\ UNCHANGED <<log, outputs, changelog, held, pos, Batch, disk, taken, fresh, queue, ledger, faults>>

Finish ==
    /\ exec = "ran" \/ (exec = "idle" /\ ledger = "started")  \* the latter is `unknown`
    /\ ledger' = "done" /\ exec' = "idle"
    /\ UNCHANGED <<log, outputs, changelog, held, pos, Batch, disk, taken, fresh, queue, runs, faults>>

Die ==
    /\ exec # "idle" /\ faults < FaultsMax
    /\ exec' = "idle" /\ faults' = faults + 1
    /\ UNCHANGED <<log, outputs, changelog, held, pos, Batch, disk, taken, fresh, queue, ledger, runs>>

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
