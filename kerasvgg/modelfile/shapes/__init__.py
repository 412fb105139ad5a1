"""What a configuration's layers are.

Graph, every layer's output (shapes, layers), and the arrays that belong to each.
"""
