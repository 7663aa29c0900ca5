"""Recognition: who has a right to help, with the reasons; read from the runs."""
