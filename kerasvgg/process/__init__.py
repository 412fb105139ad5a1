"""The running process: progress and its log, signals, memory, threads, versions and requirements.

It imports nothing but errors.
"""
