"""The screens of premi: how it stands, lists and their approval, cards, withdrawals, what orders brought, schemes."""
