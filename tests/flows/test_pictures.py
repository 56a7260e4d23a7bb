"""A picture that is known already is not stored twice, and gets what it still lacks."""

import pytest

from overread.flows.intake.pictures import FULL, keep_picture
from overread.store.models import Team
from tests.conftest import picture

pytestmark = pytest.mark.django_db


def test_an_image_without_the_lossless_rendition_gets_it_when_it_comes_again(team: Team) -> None:
    image = keep_picture(team, picture(1)).image
    greys, kinds = image.greys, sorted(image.renditions.values_list("kind", flat=True))
    image.renditions.filter(kind=FULL).delete()
    image.greys = {}
    image.save()
    again = keep_picture(team, picture(1)).image
    again.refresh_from_db()
    assert (again.pk, again.greys) == (image.pk, greys)
    assert sorted(again.renditions.values_list("kind", flat=True)) == kinds
    assert keep_picture(team, picture(1)).image.renditions.count() == len(kinds)
