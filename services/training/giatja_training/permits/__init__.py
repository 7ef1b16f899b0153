"""Permission to work: proposed, heard by the TPP, given by an SK, ended."""
