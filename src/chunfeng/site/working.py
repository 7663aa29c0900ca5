"""The worker: takes jobs from the queue in PostgreSQL until it is asked to stop."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING

from procrastinate import signals
from procrastinate.jobs import DEFAULT_QUEUE

from chunfeng.site import children, environment

if TYPE_CHECKING:
    from procrastinate import App


def work(concurrency: int, patience: float) -> None:
    """Work until SIGTERM or SIGINT: so many runs at a time, and so many other jobs. Those under way get `patience` seconds; what
    is not done then is done again.

    A worker that was killed leaves its job marked as being done; the next one takes it up when no sign of life came
    for half a minute.
    """
    children.follow_supervisor()
    from chunfeng.site.upgrade import setup

    setup()
    from procrastinate.contrib.django import app

    from chunfeng.apps.intake import runs
    from chunfeng.apps.vault import scratch

    scratch.sweep()
    # an earlier version kept results there in the clear; what is needed of them is made again
    shutil.rmtree(environment.data_folder() / "runs", ignore_errors=True)

    with app.replace_connector(app.connector.get_worker_connector()):
        asyncio.run(_both(app, {"runs": runs.QUEUE, "worker": DEFAULT_QUEUE}, concurrency, patience))


async def _both(app: App, queues: dict[str, str], concurrency: int, patience: float) -> None:
    """A worker for each queue: what is done in seconds must not wait for runs, which take minutes."""
    async with app.open_async():
        workers = [
            asyncio.create_task(
                app.run_worker_async(
                    name=name,
                    queues=[queue],
                    concurrency=concurrency,
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=patience,
                    fetch_job_polling_interval=2.0,
                    update_heartbeat_interval=5.0,
                    stalled_worker_timeout=20.0,
                    delete_jobs="successful",
                )
            )
            for name, queue in queues.items()
        ]

        def stop() -> None:
            for worker in workers:
                if (
                    not worker.cancelling()
                ):  # once: it takes no more jobs and ends when those under way do; twice cuts them
                    worker.cancel()

        with signals.on_stop(stop):
            await asyncio.wait(workers, return_when=asyncio.FIRST_COMPLETED)
            stop()  # where one could not go on neither does the other: whoever started us starts both
            ended = await asyncio.gather(*workers, return_exceptions=True)
    for error in ended:
        if isinstance(error, Exception):
            raise error
