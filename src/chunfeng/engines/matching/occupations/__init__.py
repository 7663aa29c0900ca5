"""A title as an employer or worker writes it → occupations of the 2022 dictionary, the likeliest first.

`titles.classify(texts)` gives five codes with scores and the margin to the next; `model` holds what was learnt, `features` turns
titles into weighted letters. The model is learnt by tools/reference/occupation_model.py.
"""
