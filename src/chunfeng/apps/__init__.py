"""The platform's rooms: one Django app each; a room knows those below it and none above (see CONTRIBUTING.md)."""
