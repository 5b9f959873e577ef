"""From the text of an article to its figures, what follows from what, and a draft of its claims."""
