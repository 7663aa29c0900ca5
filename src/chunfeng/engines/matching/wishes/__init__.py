"""What somebody wants to do after the festival, in their own words or in columns → kind, place, work, pay, needs, time.

`reading.read(text)` is the definition, `reading.read_column(texts)` says the same of a column, each distinct text read once;
`visits.wishes(extracts)` puts a row's free text and its columns together. The words are in the YAML files beside the modules.
"""
