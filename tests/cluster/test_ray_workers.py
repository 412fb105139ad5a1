"""Workers on a cluster that is played by this process: who joins, who is refused, and what ends a job."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from kerasvgg.cluster import ray_workers
from kerasvgg.cluster.ray_workers import RayWorkerPool
from kerasvgg.cluster.remote_worker import About
from kerasvgg.errors import KerasVGGError

OUTPUTS = np.arange(8, dtype=np.float32).reshape(4, 2)
HERE = About("kerasvgg 1", "aaaa", OUTPUTS)


class RayError(Exception):
    """What Ray raises where a worker is gone."""


class RayTaskError(RayError):
    """What Ray raises where a worker has raised something."""


class Actor:
    """A worker that answers as it is told: with values, or with errors that it raises."""

    def __init__(self, about: object) -> None:
        self.about = SimpleNamespace(remote=lambda: Ref(about))
        self.step = SimpleNamespace(remote=lambda *words: Ref(words))
        self.work: object = True
        asked = SimpleNamespace(remote=lambda: Ref(self.work))
        self.is_working = SimpleNamespace(options=lambda concurrency_group: asked)


class Ref:
    def __init__(self, value: object, is_ready: bool = True) -> None:
        self.value, self.is_ready = value, is_ready


def get(one: Ref) -> object:
    if isinstance(one.value, Exception):
        raise one.value
    return one.value


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Callable[..., RayWorkerPool]:
    """Returns workers of a cluster whose machines, by name, tell these things about themselves."""

    def make(machines: dict[str, object], **how: object) -> RayWorkerPool:
        nodes = [
            {
                "Alive": True,
                "NodeID": name,
                "NodeManagerHostname": name,
                "NodeManagerAddress": name,
                "Resources": {"CPU": 1},
            }
            for name in machines
        ]
        strategy = lambda node, soft: node  # noqa: E731
        kind = SimpleNamespace(
            options=lambda scheduling_strategy: SimpleNamespace(remote=lambda *_: Actor(machines[scheduling_strategy]))
        )
        ray = SimpleNamespace(
            put=lambda one: one,
            remote=lambda **_: lambda _: kind,
            get=get,
            kill=lambda actor: None,
            wait=lambda known, num_returns, timeout: ([one for one in known if one.is_ready][:1], []),
            nodes=lambda: nodes,
            exceptions=SimpleNamespace(RayError=RayError, RayTaskError=RayTaskError),
            util=SimpleNamespace(scheduling_strategies=SimpleNamespace(NodeAffinitySchedulingStrategy=strategy)),
        )
        monkeypatch.setattr(ray_workers, "_ray", lambda: ray)
        monkeypatch.setattr(ray_workers, "SECONDS_BETWEEN_LOOKS", 0.0)
        monkeypatch.setattr(ray_workers, "SECONDS_WITHOUT_ANY", 0.3)
        return RayWorkerPool(object, 1, None, HERE, **how)

    return make


def names(of: RayWorkerPool, count: int) -> set[str]:
    return {of.next()[0].name for _ in range(count)}


def test_machines_that_compute_the_same_join(hands) -> None:
    assert names(hands({"a": HERE, "b": HERE}), 2) == {"a", "b"}


def test_what_is_no_number_may_be_the_same(hands) -> None:
    nothing = OUTPUTS * np.nan
    of = hands({"a": HERE._replace(outputs=nothing)})
    of._here = HERE._replace(outputs=nothing)
    assert names(of, 1) == {"a"}


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (HERE._replace(versions="kerasvgg 2"), "it has kerasvgg 2, and not kerasvgg 1"),
        (HERE._replace(outputs=OUTPUTS + 1), "differ from those of this machine by 0.2"),
        (HERE._replace(outputs=OUTPUTS * np.float32(1.000001), instructions="bbbb"), "`--allow-mixed` takes it"),
    ],
)
def test_a_machine_of_other_versions_or_results_is_refused_by_name_once(hands, capsys, other, told) -> None:
    of = hands({"b": other})
    with pytest.raises(KerasVGGError, match="no machine of the cluster"):
        of.next()
    said = capsys.readouterr().err
    assert said.count("b is not taken: ") == 1
    assert told in said


def test_one_that_differs_in_the_last_bits_joins_where_that_is_allowed(hands) -> None:
    other = HERE._replace(outputs=OUTPUTS * np.float32(1.000001))
    assert names(hands({"a": HERE, "b": other}, allow_mixed=True), 2) == {"a", "b"}


def test_a_worker_that_can_not_begin_ends_the_job_with_its_reason(hands) -> None:
    error = RayError("creation failed\nConfigError: shards need pyarrow")
    error.actor_init_failed = True
    with pytest.raises(KerasVGGError, match="a worker on a could not begin: ConfigError: shards need pyarrow"):
        hands({"a": error}).next()


def test_what_a_worker_raises_on_purpose_is_raised_here(hands) -> None:
    error = RayTaskError("ray's words")
    error.cause = KerasVGGError("the model is damaged")
    with pytest.raises(KerasVGGError, match="the model is damaged"):
        hands({"a": error}).next()


def test_a_cluster_without_a_machine_that_is_large_enough_is_told(hands) -> None:
    of = hands({"a": HERE})
    of._threads = 2
    with pytest.raises(KerasVGGError, match="a worker needs 2 processors"):
        of.next()


def test_a_worker_whose_memory_runs_out_counts_as_ended_and_is_begun_anew(hands, capsys) -> None:
    of = hands({"a": HERE})
    first, _ = of.next()
    error = RayTaskError("ray's words\nMemoryError: unable to allocate")
    error.cause = MemoryError()
    of.asked[Ref(error)] = first
    hand, came = of.next()
    assert (hand, isinstance(came, Exception)) == (first, True)
    assert "a worker on a ended: MemoryError: unable to allocate" in capsys.readouterr().err
    again, came = of.next()
    assert (again is not first, again.name, came) == (True, "a", None)


@pytest.mark.parametrize(
    ("work", "told"),
    [
        (False, "a worker on a ended: what it was asked for, or its answer, was lost on the way"),
        ("no answer", "a worker on a ended: it has not been heard of for"),
    ],
)
def test_a_worker_whose_answer_a_broken_link_has_lost_is_begun_anew(hands, capsys, monkeypatch, work, told) -> None:
    monkeypatch.setattr(ray_workers, "SECONDS_UNHEARD", 0.05)
    of = hands({"a": HERE})
    first, _ = of.next()
    first.actor.step = SimpleNamespace(remote=lambda *words: Ref(None, is_ready=False))
    beside = SimpleNamespace(remote=lambda: Ref(work, is_ready=work is False))
    first.actor.is_working = SimpleNamespace(options=lambda concurrency_group: beside)
    first.step([], [], flush=False)
    hand, came = of.next()
    assert (hand, isinstance(came, KerasVGGError)) == (first, True)
    assert told in capsys.readouterr().err
    assert of.next()[0] is not first


def test_a_worker_that_is_at_work_for_long_is_waited_for(hands, monkeypatch) -> None:
    monkeypatch.setattr(ray_workers, "SECONDS_UNHEARD", 0.01)
    of = hands({"a": HERE})
    first, _ = of.next()
    answer = Ref("done", is_ready=False)
    first.actor.step = SimpleNamespace(remote=lambda *words: answer)
    looks = iter(range(20))

    def look() -> Ref:
        answer.is_ready = next(looks) == 10
        return Ref(True)

    first.actor.is_working = SimpleNamespace(options=lambda concurrency_group: SimpleNamespace(remote=look))
    first.step([], [], flush=False)
    assert of.next() == (first, "done")
