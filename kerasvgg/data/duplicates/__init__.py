"""Pictures that are there twice: pairs is the way in; candidates are compared by align."""
