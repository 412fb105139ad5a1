"""What the repository needs and the library does not: measuring its structure, reproducing what the sources claim."""
