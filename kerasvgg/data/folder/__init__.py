"""A folder of pictures: scan (what is there), labels and named_files (what a CSV file says of it), verify (what is a
picture), amounts, split and grouped_split (what goes where), earlier (what went where before), manifest (split.csv),
split_folder (the split as folders).
"""
