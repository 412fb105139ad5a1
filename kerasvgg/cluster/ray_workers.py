"""Workers on all machines of a Ray cluster: begun where processors are free, and begun anew where they end."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import numpy as np

from kerasvgg.cluster.remote_worker import About
from kerasvgg.cluster.worker import Given
from kerasvgg.errors import ConfigError, KerasVGGError
from kerasvgg.process.progress import say, warn

LOCAL = "local"  # what stands for a cluster of this machine alone
SECONDS_BETWEEN_LOOKS = 2.0  # for machines that have come
SECONDS_WITHOUT_ANY = 120.0  # machines, after which a job ends
SECONDS_UNHEARD = 20.0  # of a call, after which a worker is asked whether it has answered
BESIDE = "beside"  # what Ray calls the thread that answers while another one works
AGREE = 1e-5  # relative L2 difference, as engines'


class RayWorkerHandle:
    """A worker of the cluster, on the node of this id; `name` is its machine's."""

    def __init__(self, pool: "RayWorkerPool", actor: Any, node: str, name: str) -> None:
        self.name, self.actor, self.node, self._pool = name, actor, node, pool
        self._heard, self._idle = 0.0, 0
        self._question: Any = None

    def call(self, what: str, *words: Any) -> None:
        """Begins what is asked for there; `RayWorkerPool.next` returns it with what it came to."""
        self._heard, self._idle, self._question = time.monotonic(), 0, None
        self._pool.asked[getattr(self.actor, what).remote(*words)] = self

    def why_lost(self, ray: Any) -> str:
        """Tells why what it was called for will not come, "" while it may.

        A link that was down may have lost the call or its answer without Ray's noticing: so a worker that has not
        answered for long is asked, beside its work, whether it is at work.
        """
        silent = time.monotonic() - self._heard
        if silent < SECONDS_UNHEARD:
            return ""
        if self._question is None:
            self._question = self.actor.is_working.options(concurrency_group=BESIDE).remote()
            return ""
        if not ray.wait([self._question], num_returns=1, timeout=0)[0]:
            return f"it has not been heard of for {silent:.0f} seconds" if silent > 2 * SECONDS_UNHEARD else ""
        question, self._question = self._question, None
        try:
            if not ray.get(question):
                self._idle += 1  # the first time, its answer may be on the way
                return "what it was asked for, or its answer, was lost on the way" if self._idle > 1 else ""
        except ray.exceptions.RayError:  # the call itself will say so
            pass
        self._heard, self._idle = time.monotonic(), 0
        return ""

    def step(self, given: Sequence[Given], wanted: Sequence[int], flush: bool) -> None:
        """Begins a step there."""
        self.call("step", given, wanted, flush)


class RayWorkerPool:
    """As many workers of a `kind` as the cluster's machines have processors for, each with so many `threads`.

    They are made of the threads and what is `given`, which is sent once. A machine of other versions than `here`, this
    process, is refused by name, and one whose results differ in the last bits, unless `allow_mixed` says that 1e-5 is
    near enough.
    """

    def __init__(self, kind: type, threads: int, given: Any, here: About, *, allow_mixed: bool = False) -> None:
        self.asked: dict[Any, RayWorkerHandle] = {}
        self._ray, self._threads, self._allow_mixed = _ray(), threads, allow_mixed
        self._given = self._ray.put(given)
        # A worker that ends is begun anew by this process, which knows what it had in hand.
        how: dict[str, Any] = {"num_cpus": threads, "max_restarts": 0, "max_task_retries": 0}
        self._kind = self._ray.remote(**how, concurrency_groups={BESIDE: 1})(kind)
        self._handles: list[RayWorkerHandle] = []
        self._starting: dict[Any, RayWorkerHandle] = {}
        self._refused: set[str] = set()
        self._here = here
        self._looked, self._alive, self._joined = 0.0, time.monotonic(), set[RayWorkerHandle]()

    def next(self) -> tuple[RayWorkerHandle, Any]:
        """Waits for what happens next; see `WorkerPool.next`."""
        while True:
            if self._look_for_machines() and (lost := self._lost_answer()):
                return lost
            known = [*self.asked, *self._starting]
            if not known:
                time.sleep(1.0)
                continue
            for one in self._ray.wait(known, num_returns=1, timeout=1.0)[0]:
                if event := self._event(one):
                    return event

    def dismiss(self, hand: RayWorkerHandle) -> None:
        """Ends one that has nothing in hand; another one is begun there if its machine is alive."""
        self._handles.remove(hand)
        self._joined.discard(hand)
        self._ray.kill(hand.actor)

    def close(self) -> None:
        """Ends all of them."""
        for hand in self._handles:
            self._ray.kill(hand.actor)
        self._handles.clear()

    def _event(self, ready: Any) -> tuple[RayWorkerHandle, Any] | None:
        is_new = ready in self._starting
        hand = (self._starting if is_new else self.asked).pop(ready)
        try:
            came = self._ray.get(ready)
        except self._ray.exceptions.RayTaskError as error:
            cause = getattr(error, "cause", None)
            if isinstance(cause, MemoryError) and not is_new:  # of one file, or of this machine: others may have room
                self._ray.kill(hand.actor)
                return self._lost(hand, error)
            raise cause if isinstance(cause, KerasVGGError) else KerasVGGError(_last_line(error)) from error
        except self._ray.exceptions.RayError as error:
            if getattr(error, "actor_init_failed", False):
                raise KerasVGGError(f"a worker on {hand.name} could not begin: {_last_line(error)}") from error
            lost = self._lost(hand, error)
            return None if is_new else lost
        if not is_new:
            return hand, came
        return (hand, None) if self._joins(hand, came) else None

    def _lost(self, hand: RayWorkerHandle, error: BaseException) -> tuple[RayWorkerHandle, BaseException]:
        self._handles.remove(hand)
        self._joined.discard(hand)
        warn(f"a worker on {hand.name} ended: {_last_line(error)}")
        return hand, error

    def _joins(self, hand: RayWorkerHandle, about: About) -> bool:
        """Tells whether the worker computes what this process does."""
        why = about.trouble or self._why_other(about)
        if not why:
            self._joined.add(hand)
            return True
        self._handles.remove(hand)
        self._ray.kill(hand.actor)
        if hand.node not in self._refused:
            self._refused.add(hand.node)
            warn(f"{hand.name} is not taken: {why}")
        return False

    def _why_other(self, about: About) -> str:
        """Tells why it would compute something else than this process does, "" where it would not."""
        difference = _difference(self._here.outputs, about.outputs)
        if about.versions != self._here.versions:
            return f"it has {about.versions}, and not {self._here.versions}"
        if not difference or (self._allow_mixed and difference <= AGREE):
            return ""
        allowed = "; `--allow-mixed` takes it" if difference <= AGREE else ""
        sets = f"instruction sets {about.instructions} and {self._here.instructions}"
        return f"its results differ from those of this machine by {difference:.1g} ({sets}){allowed}"

    def _lost_answer(self) -> tuple[RayWorkerHandle, BaseException] | None:
        """Gives up a worker whose answer will not come."""
        for ref, hand in self.asked.items():
            if self._ray.wait([ref], num_returns=1, timeout=0)[0]:
                continue
            if why := hand.why_lost(self._ray):
                del self.asked[ref]
                self._ray.kill(hand.actor)
                return self._lost(hand, KerasVGGError(why))
        return None

    def _look_for_machines(self) -> bool:
        """Begins workers where there is room, and tells whether it was time to look."""
        if time.monotonic() - self._looked < SECONDS_BETWEEN_LOOKS:
            return False
        self._looked = time.monotonic()
        nodes = [node for node in self._ray.nodes() if node["Alive"]]
        hosts = Counter(node["NodeManagerHostname"] for node in nodes)
        for node in nodes:
            host, count = node["NodeManagerHostname"], int(node["Resources"].get("CPU", 0)) // self._threads
            if node["NodeID"] not in self._refused:
                self._begin_on(node["NodeID"], host if hosts[host] == 1 else node["NodeManagerAddress"], count)
        if self._joined:
            self._alive = time.monotonic()
        elif time.monotonic() - self._alive > SECONDS_WITHOUT_ANY:
            wanted = f"{self._threads} processor{'s' * (self._threads > 1)}"
            raise KerasVGGError(f"no machine of the cluster could be taken for two minutes; a worker needs {wanted}")
        return True

    def _begin_on(self, node: str, name: str, count: int) -> None:
        strategy = self._ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(node, soft=False)
        for _ in range(count - sum(hand.node == node for hand in self._handles)):
            actor = self._kind.options(scheduling_strategy=strategy).remote(self._threads, self._given)
            hand = RayWorkerHandle(self, actor, node, name)
            self._handles.append(hand)
            self._starting[actor.about.remote()] = hand


def _difference(first: np.ndarray | None, other: np.ndarray | None) -> float:
    if first is None or other is None or np.array_equal(first, other, equal_nan=True):
        return 0.0
    return float(np.linalg.norm(other - first) / np.linalg.norm(first))


def _last_line(error: BaseException) -> str:
    if type(error).__name__ == "OutOfMemoryError":  # whose last line is Ray's advice
        return "its machine ran out of memory"
    return (str(error).strip().splitlines() or [type(error).__name__])[-1]


@contextmanager
def cluster(address: str) -> Iterator[None]:
    """Joins the cluster at the address, or begins one of this machine alone for `local`, and leaves it in the end.

    Raises ConfigError where Ray is not installed, or where there is no cluster.
    """
    ray = _ray()
    how: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR", "configure_logging": False}
    if address == LOCAL:
        how["include_dashboard"] = False
    try:
        ray.init(address=address, **how)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise ConfigError(f"`--cluster` must be {LOCAL} or the address of a cluster; {_last_line(error)}") from error
    try:
        count, processors = sum(node["Alive"] for node in ray.nodes()), ray.cluster_resources().get("CPU", 0)
        say(f"cluster: {count} machine{'s' * (count > 1)}, {processors:.0f} processors")
        yield
    finally:
        ray.shutdown()


def _ray() -> Any:
    """Returns Ray, which has no types. Raises ConfigError where it is not installed."""
    try:
        import_module("ray.util.scheduling_strategies")
        return import_module("ray")
    except ImportError:
        raise ConfigError("`--cluster` needs Ray, which is not installed: `pip install 'kerasvgg[cluster]'`") from None
