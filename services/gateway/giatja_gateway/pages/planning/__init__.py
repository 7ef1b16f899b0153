"""The screens of planning: what can be promised, when orders will be finished, how full the weeks are."""
