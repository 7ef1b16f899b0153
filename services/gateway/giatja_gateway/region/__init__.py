"""The regional read model: what each Lapas gets done, made of facts alone and compared."""
