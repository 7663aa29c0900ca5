"""What the worker does for this room."""

from __future__ import annotations

from procrastinate.contrib.django import app

from chunfeng.apps.accounts import imports


@app.task(retry=3)
def make_users(number: int) -> None:
    """Make the accounts of an accepted spreadsheet."""
    imports.make(number)
