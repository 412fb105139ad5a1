"""Pretrained weights.

Known says which and by what hash, sources where they are looked for, container reads the files.
"""
