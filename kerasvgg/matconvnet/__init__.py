"""MatConvNet's networks as Keras models: importer is the way, build makes the layers."""
