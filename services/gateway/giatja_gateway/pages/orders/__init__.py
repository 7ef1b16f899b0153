"""The screens of orders, and of the partners and products they are made of."""
