"""Commands about what came out: predict, evaluate, compare, plot."""
