"""Choosing by validation: folds, logistic regression, and which stages and strength of penalty a head gets.

learning_curve trains the choice on more and more pictures.
"""
