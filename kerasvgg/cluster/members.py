"""Processes that train as one on the machines of a Ray cluster: the first is here, the others are Ray's."""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kerasvgg.cluster.ray_workers import cluster
from kerasvgg.files.locations import as_set
from kerasvgg.runs.together import MayResume, last_lines, run_together

SECONDS_TO_ANSWER, LOST = 60.0, -1  # an actor; the status of one that does not


class RemoteCommand:
    """A process of kerasvgg, begun by an actor on its machine."""

    def __init__(self) -> None:
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - until the actor ends
        self._process: subprocess.Popen[bytes] | None = None

    def address(self) -> str:
        """Returns this machine's, with a port that is free."""
        with socket.socket() as held:
            held.bind(("", 0))
            return f"{_own_address()}:{held.getsockname()[1]}"

    def begin(self, words: Sequence[str], variables: dict[str, str], folder: str) -> None:
        """Begins the command in the folder, which must be there."""
        command = [sys.executable, "-m", "kerasvgg", *words]
        how: dict[str, Any] = {"stdout": self._output, "stderr": self._output, "cwd": folder}
        self._process = subprocess.Popen(command, env={**os.environ, **variables}, start_new_session=True, **how)

    def ended(self) -> tuple[int | None, str]:
        """Returns the exit status, None while it is at work, and what it told last."""
        return (self._process.poll() if self._process else None), last_lines(self._output)

    def kill(self) -> None:
        """Ends it."""
        if self._process:
            self._process.kill()
            self._process.wait()


class RemotePlace:
    """A place on a machine of the cluster (see `runs.together.Place`)."""

    def __init__(self, ray: Any, actor: Any) -> None:
        self._ray, self._actor = ray, actor
        self._told, self._is_lost = "", False
        self.address: str = self._asked(actor.address, "nowhere:0")

    def begin(self, words: Sequence[str], variables: dict[str, str]) -> None:
        """Begins the command in the folder that this process is in, which the machine must see, too."""
        self._asked(self._actor.begin, None, words, {**as_set(), **variables}, str(Path.cwd()))

    def ended(self) -> int | None:
        """Returns the exit status, None while it is at work; -1 where its machine is gone."""
        status: int | None
        status, told = self._asked(self._actor.ended, (LOST, self._told))
        self._told = told
        return LOST if self._is_lost else status

    def told(self) -> str:
        """Returns what it told last."""
        return self._told

    def kill(self) -> None:
        """Ends it, and gives up its place."""
        self._asked(self._actor.kill, None)
        self._ray.kill(self._actor)

    def _asked(self, what: Any, instead: Any, *words: Any) -> Any:
        """Returns what the actor answers; where it does not, the place is lost."""
        if not self._is_lost:
            try:
                return self._ray.get(what.remote(*words), timeout=SECONDS_TO_ANSWER)
            except self._ray.exceptions.RayError as error:
                self._is_lost, self._told = True, (str(error).strip().splitlines() or ["no answer"])[-1]
        return instead


def run_together_on(address: str, words: Sequence[str], count: int, may_resume: MayResume) -> int:
    """Does what `run_together` does, on the machines of the cluster at the address, the first process being here.

    Raises ConfigError where there is no cluster.
    """
    with cluster(address):
        import ray

        def others(wanted: int) -> list[RemotePlace]:
            return [RemotePlace(ray, actor) for actor in _actors(ray, wanted)]

        return run_together(words, count, may_resume, others, _own_address())


def _own_address() -> str:
    """Returns what the cluster's machines know this one by."""
    import ray.util

    address: str = ray.util.get_node_ip_address()  # type: ignore[no-untyped-call]
    return address


def _actors(ray: Any, wanted: int) -> list[Any]:
    """Begins so many, first on the machines that are not this one, and on each as many as on the others."""
    here = ray.get_runtime_context().get_node_id()
    nodes = sorted((node["NodeID"] for node in ray.nodes() if node["Alive"]), key=lambda node: node == here)
    affinity = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy
    kind = ray.remote(num_cpus=0, max_restarts=0)(RemoteCommand)
    places = (nodes[number % len(nodes)] for number in range(wanted))
    return [kind.options(scheduling_strategy=affinity(node, soft=False)).remote() for node in places]
