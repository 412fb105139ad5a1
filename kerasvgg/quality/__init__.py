"""What may be wrong with a folder of pictures: survey looks, a file for each subject concludes, report gathers."""
