"""The second wall around what was recorded: events are seen by offices above, and added under one's own name alone."""

from __future__ import annotations

from chunfeng.apps.places import scoped, walls
from chunfeng.apps.places.numbers import reach
from chunfeng.apps.places.scope import PERSONS

EVENTS, CHANGES = "audit_event", "audit_change"
_ACTOR = "(SELECT current_setting('app.actor', true))"


def put_up() -> None:
    """Put it up with the others."""
    scoped.guard_also(EVENTS)
    walls.also(statements)


def statements() -> list[str]:
    """For both tables. Who looked at a person is told across offices (`selectors.looked`), in a scope that says so."""
    low, high, province = walls.low(), walls.high(), reach("35")
    nobodys = f"low = 0 AND high = 0 AND {low} <= {province.low} AND {high} >= {province.high}"
    return [
        *walls.rules(
            EVENTS,
            read=f"(low >= {low} AND high <= {high}) OR ({nobodys})",
            add=f"low = {low} AND high = {high} AND COALESCE(actor::text, role) = {_ACTOR}",
            change="false",
            remove="false",
        ),
        *walls.rules(  # a trigger adds to it, whatever the hat may see
            CHANGES,
            read=f"place >= {walls.low(PERSONS)} AND place < {walls.high(PERSONS)}",
            add=f"actor = {_ACTOR}",
            change="false",
            remove="false",
        ),
    ]
