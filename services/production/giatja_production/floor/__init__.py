"""What the floor and the front page look at: who works today, what is recorded, what is still to do."""
