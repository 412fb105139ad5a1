"""What frozen layers make of pictures, computed once.

extractor computes, parts says by which engine, store keeps, cache_key names; shards are Parquet files that many
machines write, and table is trained on from these.
"""
