"""Finding personal data in text: the name model, UK recognisers, and the presidio engine that runs them."""
