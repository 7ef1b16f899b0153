"""The screens of leaving together and of arriving from another Lapas."""
