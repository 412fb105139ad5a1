"""What may be opened: allowed is the list, dangers what is not on it, verdict the judgement."""
