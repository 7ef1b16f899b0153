"""Products: what the workshops make, in which sizes and colours, at which usual rate."""
