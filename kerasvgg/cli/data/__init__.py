"""Commands about pictures and weights: data, split, check, cache, weights."""
