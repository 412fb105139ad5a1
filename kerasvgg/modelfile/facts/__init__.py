"""What is told of a model file: facts is its form; one file for each subject; damage is why Keras would not open it."""
