"""Pictures as pixels: decode is the one decoder, completeness what refuses files without their last rows, formats what
a file is, sources files and arrays to train on, loading batches although some have gone bad, memory pixels that stay,
thumbnail what duplicates are found by.
"""
