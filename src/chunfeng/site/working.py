"""The worker: takes jobs from the queue in PostgreSQL until it is asked to stop."""

from __future__ import annotations

import shutil

from chunfeng.site import children, environment


def work(concurrency: int, patience: float) -> None:
    """Work until SIGTERM or SIGINT. Jobs under way get `patience` seconds; what is not done then is done again.

    A worker that was killed leaves its job marked as being done; the next one takes it up when no sign of life came
    for half a minute.
    """
    children.follow_supervisor()
    from chunfeng.site.upgrade import setup

    setup()
    from procrastinate.contrib.django import app

    from chunfeng.apps.vault import scratch

    scratch.sweep()
    # an earlier version kept results there in the clear; what is needed of them is made again
    shutil.rmtree(environment.data_folder() / "runs", ignore_errors=True)

    with app.replace_connector(app.connector.get_worker_connector()):
        app.run_worker(
            name="worker",
            concurrency=concurrency,
            install_signal_handlers=True,
            shutdown_graceful_timeout=patience,
            fetch_job_polling_interval=2.0,
            update_heartbeat_interval=5.0,
            stalled_worker_timeout=20.0,
            delete_jobs="successful",
        )
