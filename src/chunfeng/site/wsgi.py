"""The platform as a WSGI application, for granian or any other server."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from chunfeng.site import children

children.follow_parent()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chunfeng.site.settings")
application = get_wsgi_application()
