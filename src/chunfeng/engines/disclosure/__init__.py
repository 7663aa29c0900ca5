"""What may be shown to whom: keyed tokens in place of what identifies a person."""
