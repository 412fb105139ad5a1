"""Workers on a cluster that is played by this process: who joins, who is refused, and what ends a job."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from kerasvgg.cluster import ray_workers
from kerasvgg.cluster.ray_workers import About, RayWorkerPool
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


class Ref:
    def __init__(self, value: object) -> None:
        self.value = value


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
            wait=lambda known, num_returns, timeout: (known[:1], known[1:]),
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
