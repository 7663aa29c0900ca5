"""Places that are too few: by legal order with proof, without justified envy, and workers lent from firm to firm."""
