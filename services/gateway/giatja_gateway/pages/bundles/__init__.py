"""The screens of bundles: where each is, cutting, cards, one bundle, scanning."""
