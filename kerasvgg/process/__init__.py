"""The running process: progress and its log, signals, memory, threads, versions. Imports nothing but errors."""
