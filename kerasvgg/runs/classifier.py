"""From an experiment to its classifier, as it is before training."""

from collections.abc import Sequence
from typing import Any

from kerasvgg.backbones.registry import BACKBONES
from kerasvgg.config.experiment import Experiment
from kerasvgg.config.writer import dump_experiment
from kerasvgg.training.build import Classifier, build
from kerasvgg.training.phase import Phase

MOST_STAGES = 3  # the last ones, whose averages `auto` looks at
HEAD = (Phase(layers=("head",), epochs=1, learning_rate=1.0),)  # is solved and not trained; says where to cut


def classifier_of(
    experiment: Experiment, class_names: Sequence[str], multi_label: bool = False, own_base: Any = None
) -> Classifier:
    """Returns what the experiment trains; for `auto`, what it chooses on. For `own_base` see `build`."""
    if experiment.auto:
        stages = list(BACKBONES[experiment.model.base].stages)[-MOST_STAGES:]
        return classifier_on(experiment, stages, HEAD, class_names, multi_label, own_base)
    head = experiment.model.head.model_dump()
    return _built(experiment, experiment.train, class_names, multi_label, own_base, **head)


def classifier_on(experiment: Experiment, stages: Sequence[str], phases: Sequence[Phase], *of: Any) -> Classifier:
    """Returns one dense layer on the averages of these stages; `of` is what `classifier_of` takes, too."""
    return _built(experiment, phases, *of, pooling="average", stages=stages, units=())


def _built(
    experiment: Experiment,
    phases: Sequence[Phase],
    class_names: Sequence[str],
    multi_label: bool,
    own_base: Any,
    **head: Any,
) -> Classifier:
    return build(
        phases,
        class_names=class_names,
        multi_label=multi_label,
        resizing=experiment.data.resizing,
        **experiment.model.model_dump(exclude={"head"}),
        **head,
        own_base=own_base,
        seed=experiment.seed,
        batch_size=experiment.data.batch_size,
        experiment=dump_experiment(experiment),
        test_time_flip=experiment.test_time_flip,
    )
