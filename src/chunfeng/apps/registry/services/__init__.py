"""What this room does: one function, one transaction, one line in the audit."""
