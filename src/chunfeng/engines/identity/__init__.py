"""What identifies a person or an employer, as people type it: read, checked, and told how it is damaged."""
