"""Files and what they are called: the ground floor, which imports nothing but errors and process.

atomic (whole or not there), lock, hashing, reading (of strangers' files), text (CSV rows, names for terminals),
locations (home, cache and checkout), run_folder (the only owner of the names in one; it lies here because all that
write to a run need it).
"""
