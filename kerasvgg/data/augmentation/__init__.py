"""Random changes to training pictures: what may happen (augment), as one affine transform each (affine), or as a fixed
number of views of each picture (views).
"""
