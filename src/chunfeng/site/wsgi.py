"""The platform as a WSGI application, for granian or any other server."""

from __future__ import annotations

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
threading.Thread(target=book.load, name="rule book", daemon=True).start()
"""Read in two seconds; the first reader of a person should not wait for it."""
