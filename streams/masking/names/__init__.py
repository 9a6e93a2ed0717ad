"""The names of people, and of the towns they live in: told by lists, neighbours and the model.

Reading order: `words` (a text's words, with what the lists say), `marks` (what every step writes
on), then the steps: `names` (their order), `cues`, `pairs`, `introduced`, `open_words`, `doubt`,
`sites`, `growth`. What is written like a name and is none: `eponyms`, `alike`, `products`.
"""
