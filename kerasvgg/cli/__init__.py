"""The command line, the only place that prints: one short file per command, grouped by subject.

app has all commands; tables, names and tensorflow are what several need. Heavy imports stay inside the functions.
"""
