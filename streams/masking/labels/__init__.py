"""What names a value: the label that the surroundings of a value give it, wherever they stand.

A value is named by a key above it, by a sibling (`{"field": "mrn", "value": "A17B"}`), by the
column of a table, by the column that a statement compares it with, or by a word before it in a
text. All of them become names on one stack above the leaf, and one rule reads the stack.

Reading order: `climb` (the stack, read from the inside out), `settle` (how a label masks),
`siblings`, `rows` and `bound` (what an object or a list says of the values in it), `statements`
(columns of literals and of placeholders), `sheets` (tables in text), `markup` (tables of HTML),
`pairs` (names beside values in text), `proof` (columns that nothing names), `doubt` (values that
nothing names and nothing shows to be harmless).
"""
