"""Saved models, whoever made them: inspect tells what is in one, open opens it.

read (what a file holds) -> safety (what is allowed) -> shapes (what its layers are) -> upgrade (what Keras 3 would
need) -> facts (what is told). reader does it all in a process with limits, that read.child asks; only open imports
Keras. description is what a model file says of itself.
"""
