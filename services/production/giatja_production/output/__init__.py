"""Output: what was made at a stage in a shift, how it flows on, and what quality control credits."""
