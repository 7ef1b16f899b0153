"""For those who run a deployment: who may sign in and as what, and which Lapas take part."""
