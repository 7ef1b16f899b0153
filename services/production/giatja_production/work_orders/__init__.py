"""Work orders: one line of an order on its way through the stages of a workshop."""
