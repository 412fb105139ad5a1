"""MAT v5 as MatConvNet writes it, in memory that does not grow with the arrays: elements, stream, matrix, values."""
