"""The network in a MatConvNet file: fields by name, layers, and the way through the file."""
