"""What can be done with lists handed in: receive, settle, decide."""
