"""What admit does to one input: decode, authenticate, mask, rule, seal, stamp.

All that may differ between two runs happens here: the clock, chance, keys, identity, masking, the
policy's ruling. What comes out is one `CaseEvent`, whatever came in.

    context.py    what admission needs, injected         reading.py   steps that all inputs share
    intents.py  decisions.py  outcomes.py  controls.py     one input each, opened and finished
    admission.py  the one door: a record in, an encoded `CaseEvent` out
"""
