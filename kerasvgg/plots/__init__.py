"""Figures as files, without Keras.

One file for each kind, over figure (look and format) and sheet (pictures on a page).
"""
