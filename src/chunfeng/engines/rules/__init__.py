"""Who has a right to what: dated rules over a catalogue of facts, in three values, with the reasons of every answer.

`catalogue` and `book` load; `walk` explains one case; `compile` asks all persons at once; `single` asks one quickly;
`runs` compares days, books and changes. Unknown is never no: see docs/rules.md.
"""
