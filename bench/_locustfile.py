"""Fifty clerks at work, signed in already: each searches, opens persons and leafs through lists. Run by platform_web."""

from __future__ import annotations

import json
import os
import random
from http.cookiejar import Cookie
from pathlib import Path

from locust import FastHttpUser, between, events, task

TOLD = json.loads(Path(os.environ["CF_BENCH"]).read_text(encoding="utf-8"))
_sessions = iter(TOLD["sessions"])
_TOKEN = "c" * 32
"""Of forms: any will do, as long as cookie and header agree."""


class Clerk(FastHttpUser):
    wait_time = between(0.5 * TOLD["pace"], 1.5 * TOLD["pace"])  # people do not click in step

    def on_start(self) -> None:
        session = next(_sessions)
        self.random = random.Random(TOLD["sessions"].index(session))
        self.client.cookiejar.set_cookie(_cookie("sessionid", session))
        self.client.cookiejar.set_cookie(_cookie("csrftoken", _TOKEN))

    def _get(self, url: str, name: str, must: str) -> None:
        with self.client.get(url, name=name, allow_redirects=False, catch_response=True) as answer:
            if answer.status_code != 200 or must not in answer.text:
                answer.failure(f"{answer.status_code} for {url}")

    @task(4)
    def search(self) -> None:
        self._get(f"/registry/?q={self.random.choice(TOLD['terms'])}", "search", "</main>")

    @task(1)
    def search_by_id(self) -> None:
        number, key = self.random.choice(TOLD["ids"])
        with self.client.post(
            "/registry/",
            data={"q": number},
            headers={"X-CSRFToken": _TOKEN},
            name="search by id",
            allow_redirects=False,
            catch_response=True,
        ) as answer:
            if answer.status_code not in (200, 302) or (
                answer.status_code == 200 and str(key) not in answer.text
            ):
                answer.failure(f"{answer.status_code} for an id")

    @task(4)
    def person(self) -> None:
        self._get(f"/persons/{self.random.choice(TOLD['persons'])}/", "person", "</main>")

    @task(3)
    def worklist(self) -> None:
        self._get(f"/registry/?{self.random.choice(TOLD['filters'])}", "worklist", "</main>")


def _cookie(name: str, value: str) -> Cookie:
    return Cookie(
        0, name, value, None, False, "127.0.0.1", True, False, "/", True, False, None, False, None, None, {}
    )


@events.quitting.add_listener
def _tell(environment, **kwargs) -> None:  # type: ignore[no-untyped-def]
    stats = {}
    for (name, method), entry in environment.stats.entries.items():
        stats[f"{name} {method}"] = {
            "requests": entry.num_requests,
            "failures": entry.num_failures,
            "times": {str(k): v for k, v in entry.response_times.items()},
        }
    errors = [f"{e.method} {e.name}: {e.error}" for e in environment.stats.errors.values()]
    Path(os.environ["CF_BENCH_OUT"]).write_text(
        json.dumps({"stats": stats, "errors": errors}), encoding="utf-8"
    )
