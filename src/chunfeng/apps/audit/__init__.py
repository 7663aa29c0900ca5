"""Audit: who did what, to whose record, when and why; sealed so that nothing can be changed unseen."""
