"""The platform as a WSGI application, for granian or any other server."""

from __future__ import annotations

import gc
import os
import threading

from django.core.wsgi import get_wsgi_application

from chunfeng.apps.vault import scratch
from chunfeng.pipeline import book
from chunfeng.site import children

children.follow_parent()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chunfeng.site.settings")
application = get_wsgi_application()
scratch.sweep()  # what the process before this one left open when it was killed


def _warm() -> None:
    """Read the rule book, which takes two seconds no reader should wait for, and count what stands as here to stay.

    Going through all that lives on, to find out that it does, would halt every request for a tenth of a second.
    """
    book.load()
    gc.collect()
    gc.freeze()


threading.Thread(target=_warm, name="rule book", daemon=True).start()
