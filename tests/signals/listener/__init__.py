"""An app of other people: writes down every signal that its process gets."""
