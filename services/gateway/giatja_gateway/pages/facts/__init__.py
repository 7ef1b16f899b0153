"""The page of facts, for those who run the deployment."""
