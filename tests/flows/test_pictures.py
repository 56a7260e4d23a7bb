"""A picture that is known already is not stored twice, and gets what it still lacks."""

import pytest

from overread.flows.intake.pictures import FULL, keep_pictures, ready
from overread.store.models import Image, Team
from tests.conftest import picture

pytestmark = pytest.mark.django_db


def kept(team: Team) -> Image:
    [one] = keep_pictures(team, [ready(picture(1))])
    return Image.objects.get(pk=one.image)


def test_an_image_without_the_lossless_rendition_gets_it_when_it_comes_again(team: Team) -> None:
    image = kept(team)
    greys, kinds = image.greys, sorted(image.renditions.values_list("kind", flat=True))
    image.renditions.filter(kind=FULL).delete()
    image.greys = {}
    image.save()
    again = kept(team)
    assert (again.pk, again.greys) == (image.pk, greys)
    assert sorted(again.renditions.values_list("kind", flat=True)) == kinds
    assert kept(team).renditions.count() == len(kinds)
