"""Two machines as network namespaces of this host, joined by a veth pair, each with a Ray node; root makes them."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

FIRST, SECOND = "machine-a", "machine-b"
ADDRESSES = {FIRST: "10.77.0.1", SECOND: "10.77.0.2"}
HEAD = f"{ADDRESSES[FIRST]}:6379"


class TwoMachines:
    """The cluster; `variables` are the environment in which it is reached, whose token nobody else has."""

    def __init__(self, folder: Path, more: Mapping[str, str] | None = None) -> None:
        token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(16)}
        self.variables = {**token, "PYTHONPATH": str(Path.cwd()), **(more or {})}
        self._folder = folder

    def start(self, name: str) -> None:
        """Begins a machine's node of one processor, the first one's as the head."""
        address = f"--node-ip-address={ADDRESSES[name]}"
        head = f"--head --port=6379 --include-dashboard=false --temp-dir={self._folder / 'ray'}"
        joined = head if name == FIRST else f"--address={HEAD}"
        command = f"{Path(sys.executable).parent / 'ray'} start --num-cpus=1 {address} {joined}"
        system(f"ip netns exec {name} {command}", self.variables)

    def kill(self, name: str) -> None:
        """Ends all processes of a machine by their numbers."""
        for number in processes(name):
            subprocess.run(["kill", "-9", str(number)], check=False, stderr=subprocess.DEVNULL)


@contextmanager
def two_machines(folder: Path, more: Mapping[str, str] | None = None) -> Iterator[TwoMachines]:
    """Yields the cluster, and removes it with all that runs there; `more` are variables for its processes."""
    made = TwoMachines(folder, more)
    try:
        for name in ADDRESSES:
            system(f"ip netns add {name}")
        system(f"ip link add {FIRST} type veth peer name {SECOND}")
        for name, address in ADDRESSES.items():
            system(f"ip link set {name} netns {name}")
            system(f"ip -n {name} addr add {address}/24 dev {name}")
            system(f"ip -n {name} link set lo up")
            system(f"ip -n {name} link set {name} up")
        for name in ADDRESSES:
            made.start(name)
        yield made
    finally:
        for name in ADDRESSES:
            made.kill(name)
            subprocess.run(["ip", "netns", "del", name], check=False)


def processes(name: str) -> list[int]:
    """Returns the numbers of a machine's processes."""
    done = subprocess.run(["ip", "netns", "pids", name], capture_output=True, text=True, check=False)
    return [int(number) for number in done.stdout.split()]


def system(command: str, variables: Mapping[str, str] | None = None) -> None:
    """Runs a command of the system; a failure ends the benchmark."""
    subprocess.run(command.split(), check=True, env=os.environ | (variables or {}), stdout=subprocess.DEVNULL)
