"""What the worker does for this room."""

from __future__ import annotations

from procrastinate.contrib.django import app

from chunfeng.apps.places.again import again
from chunfeng.apps.places.scope import use, whole_province
from chunfeng.apps.registry.services import same


@app.task(name="chunfeng.apps.registry.tasks.find_same", retry=again)
def find_same(county: str) -> None:
    """After a county's run: who of it stands in another county, too."""
    with use(whole_province("job", "查找跨县同一人")):
        same.find(county)
