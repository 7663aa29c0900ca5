"""Claims of many departments become persons: exact where ids allow, by weight where not, never two verified ids in one."""
