"""Commands that train, and those around it: run, init, validate, lr-find, ls."""
