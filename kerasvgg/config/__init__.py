"""Experiments as text: YAML with the place of every mistake, overrides, variants, the JSON schema.

experiment says what an experiment is; its parts are declared where they are used (settings.Section): Augmentation in
kerasvgg.data, Phase in training; Data with its Split (data), Head and Model (model) here. load is the way in, writer
the way out, shipped has those that come with kerasvgg. A configuration never enters a component: runs unpacks it.
"""
