"""What frozen layers make of pictures, computed once.

Extractor computes, parts says by which engine, store keeps, cache_key names.
"""
