"""Runs as pages, without Keras: facts is all that a run folder tells (figures says what its JSON may hold), checks what
speaks for and against it, words the same in words.

run_page and card are a run's page and model card, comparison several runs'; page makes them of the templates,
svg and charts draw, curves and worst are parts of them.
"""
