"""A folder of pictures: scan (what is there), verify (what is a picture), split and grouped_split (what goes where),
manifest (split.csv), split_folder (the split as folders).
"""
