"""Data sets with a name: catalog lists them, fetch gets one, by way of connection, download and archive; embedded are
those that come with a package.
"""
