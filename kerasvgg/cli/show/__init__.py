"""Pictures of a model: one file per kind; subject is what is looked at, output where it goes."""
