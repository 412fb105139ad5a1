"""What stops a training that goes wrong.

Frozen layers that move or thawed ones that do not, and runs that learn nothing.
"""
