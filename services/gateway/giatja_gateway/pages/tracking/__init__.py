"""The page a partner follows an order on, by a link that cannot be guessed."""
