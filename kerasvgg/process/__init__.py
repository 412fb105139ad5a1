"""The running process: progress and its log, signals, memory, threads, children, versions and requirements.

It imports nothing but errors.
"""
