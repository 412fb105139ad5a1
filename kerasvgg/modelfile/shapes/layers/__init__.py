"""What each kind of layer makes of its input and the weights it needs, in one table."""
