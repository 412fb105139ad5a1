"""Pictures one after another, from wherever they lie, however many there are: nothing is held in memory.

items.py says which files there are, records.py what pictures are in one of them; remote.py reaches object stores,
tar.py and parquet.py read files that hold many.
"""
