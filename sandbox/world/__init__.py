"""The data: entities, pages, figures, and the truth about them."""
