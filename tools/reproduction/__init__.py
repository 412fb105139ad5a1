"""What the sources claim, tried seed by seed, and the page that sets it beside what came out."""
