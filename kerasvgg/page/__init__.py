"""`kerasvgg ui`: a page on 127.0.0.1 to work with. It needs the extra `ui`, and nothing imports it but its command.

server begins it and app puts it together; guard says who may ask, body how much, asking how it is answered. A file for
each of its parts: run_pages over runs_index, picture_pages over pictures, check_pages over checking, start_pages over
places. worker is the process that computes, rendering makes pages of templates.
"""
