"""Findings about labels, by what VGG16 sees in the pictures."""

import numpy as np

from kerasvgg.checks.features import vgg16_features
from kerasvgg.checks.kinds import Finding
from kerasvgg.checks.labels import require_enough, suspects
from kerasvgg.checks.survey import Survey
from kerasvgg.data.alike.groups import groups
from kerasvgg.data.duplicates import exact, near


def wrong_labels(survey: Survey) -> list[Finding]:
    """Returns the labels that look wrong, the surest first; features are computed once per picture and kept.

    Raises DataError for too few pictures (see `require_enough`), before features are computed.
    """
    names, pictures = list(survey.counts), survey.pictures
    labels = np.array([names.index(one.label) for one in pictures], dtype=int)
    place = {id(one): number for number, one in enumerate(pictures)}
    doubles = ((place[id(one.first)], place[id(one.second)]) for one in exact(pictures) + near(pictures))
    joined = groups(len(pictures), doubles)
    require_enough(labels, joined)
    features = vgg16_features(survey.root, pictures, names)
    return [
        Finding(
            "suspicious-label",
            (pictures[one.number].path,),
            f"{names[one.likelier]} {one.probability:.1%}; called {pictures[one.number].label} {one.of_label:.1%}",
        )
        for one in suspects(features, labels, joined)
    ]
