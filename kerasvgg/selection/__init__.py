"""Choosing by validation: folds, logistic regression, and which stages and strength of penalty a head gets (choice).

unknown is by what pictures of something else are told. learning_curve trains the choice on more and more pictures.
"""
