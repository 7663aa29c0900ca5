"""Calls for help sorted: what about, whether it can wait, and which department answers.

`sorting.sort_requests(texts)` works on a column in the columnar engine; `requests.tickets(extracts)` takes the rows of hotlines.
Topics, dangers and departments are the YAML files beside the modules.
"""
