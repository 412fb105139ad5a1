"""What may be wrong with a folder of pictures: survey looks, a file for each subject concludes, report gathers.

decisions are what a person makes of it, moves carries them out and takes them
back by way of a journal.
"""
