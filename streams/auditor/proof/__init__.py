"""Whether the audit can be believed.

Reading order: `pins` (whom a verifier believes), `refold` (the gate's fold, asked again),
`signatures` (what people signed), `follow` (an intent through the log), `check` (notes and walks
together), `heads` (what was seen earlier), `result` (how that is said), `witness`, `prove`.
"""
