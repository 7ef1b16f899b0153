"""What inmates practise in the workshops is what they can be found competent in."""

from giatja_production.workshops.domain import templates
from giatja_training.competences.domain import SHIPPED_COMPETENCES


def test_each_competence_of_a_shipped_route_is_in_the_shipped_catalogue() -> None:
    practised = {s.competence for t in templates().values() for s in t.stages if s.competence}

    assert practised == {c.key for c in SHIPPED_COMPETENCES}


def test_each_kind_of_workshop_in_the_catalogue_has_a_template() -> None:
    assert {c.workshop_kind for c in SHIPPED_COMPETENCES if c.workshop_kind} <= set(templates())
