"""The bases that a head can stand on: registry is the table, each family has a file of its own.

style makes their layers, preprocessing what their weights want of pixels, weights finds the pretrained ones.
"""
