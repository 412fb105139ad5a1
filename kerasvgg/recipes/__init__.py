"""The recipes as plain functions."""

from kerasvgg.recipes.auto import auto
from kerasvgg.recipes.feature_extraction import feature_extraction
from kerasvgg.recipes.fine_tuning import fine_tuning
from kerasvgg.recipes.from_scratch import from_scratch

__all__ = ["auto", "feature_extraction", "fine_tuning", "from_scratch"]
