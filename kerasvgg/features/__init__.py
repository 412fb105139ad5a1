"""What frozen layers make of pictures, computed once.

Extractor computes, store keeps, cache_key names, engine chooses how.
"""
