"""Paper and spreadsheets: A4 with the letterhead of its day, and workbooks with real columns."""
