"""The new backbones as classifiers, for the tests of this folder."""

from random_backbones import short, smallest, whole  # noqa: F401 - fixtures
