"""Plant batches: what was sown, how it grows, what was lost, harvested and handed out."""
