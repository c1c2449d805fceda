"""Any pack has its pages: forms, numbers and criteria are its own, and no template knows of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from api.web.door import PAGES
from api.web.fields import Field, Kind, form_fields
from models.form_spec import FormContext, ResultRef
from models.forms import example, schema
from models.shelf import load, pack_ids
from models.vocabulary import Form, JobLevel
from tests.api.browsing import Browser, example_of, fill, inputs, opened_browser
from tests.api.page import page_of
from tests.api.test_regional_years import planned, region
from tests.endings import JANUARY, Played, at
from tests.world import World

RESULTS = (ResultRef("r1", "Layanan dasar"), ResultRef("r2", "Laporan keuangan"))
CONTEXT = FormContext(level=JobLevel.AHLI_MUDA, superior_results=RESULTS, results=RESULTS)
FORMS = [(name, form) for name in pack_ids() for form in Form if form in load(name).forms]

kepahiang = region("kepahiang-bobot")
sawahlunto = region("sawahlunto-terbuka")


@pytest.fixture
async def browser(kepahiang: World) -> AsyncIterator[Browser]:
    async with opened_browser(kepahiang) as opened:
        yield opened


@pytest.mark.parametrize(("pack", "form"), FORMS)
def test_the_fields_of_every_form_of_every_pack_are_written_with_their_labels_and_read_with_their_words(
    pack: str, form: Form
) -> None:
    node, data = schema(load(pack), form, CONTEXT, "id"), example(load(pack), form, CONTEXT)
    fields = form_fields(node, data)
    shown = PAGES.from_string(
        """{% import "isian.html" as isian with context %}<html><form method="post">{% for field in fields.inside %}{{ isian.edit(field) }}
        {% endfor %}</form><p id="read">{% for field in fields.inside %}{{ isian.read(field) }}{% endfor %}</p></html>"""
    ).render(fields=fields, faulty=False)
    page = page_of(shown)
    (written,) = page.forms
    for name, value in inputs(data):
        found = written.named(name)
        assert found, name
        assert value in (written.value(name), [one.value for one in found if one.on])

    def read(field: Field) -> None:
        if field.kind not in (Kind.KEY, Kind.DATE, Kind.YES_NO) and not field.inside:
            assert " ".join(field.said.split()) in page.ids["read"], field.name
        for inner in field.inside:
            read(inner)

    read(fields)


async def at_the_rating(world: World, browser: Browser) -> Played:
    """A year by a pack that counts, before the supervisor who is to rate."""
    who = await planned(world, {})
    await browser.sign_in(who.supervisor)
    await browser.go(f"/penilaian/{who.appraisal}")
    await browser.follow("Beri penilaian")
    await fill(browser, await example_of(world, who.supervisor, who.appraisal, "rating"))
    return who


async def test_a_number_with_letters_in_it_is_refused_at_its_field_as_it_was_typed(
    kepahiang: World, browser: Browser
) -> None:
    who = await at_the_rating(kepahiang, browser)
    form = browser.page.form("version")
    (name, *_) = [one.name for one in form.controls if one.name.endswith("/score")]
    for typed, said in (("delapan puluh", "Nilai harus berupa angka."), ("120,5", "Nilai paling besar 100.")):
        browser.page.form("version").write(name, typed)
        page = await browser.press("Kirim penilaian")
        assert page.status == 422
        assert page.form("version").value(name) == typed
        assert said in page.beside(name)
        assert any(said in alert for alert in page.alerts)
        assert f"f{name.replace('/', '-')}" in [where.partition("#")[2] for _, where in page.links]
    browser.page.form("version").write(name, "82,5")
    page = await browser.press("Kirim penilaian")
    assert "Penilaian diberikan: tercatat." in page.text, page.alerts
    stored: Any = (await kepahiang.get(f"/appraisals/{who.appraisal}/forms/rating", who.supervisor)).json()["data"]
    for step in name.strip("/").split("/"):
        stored = stored[step]
    assert stored == 82.5


async def test_where_criteria_have_to_be_acknowledged_they_are_read_and_acknowledged_on_the_page(
    sawahlunto: World,
) -> None:
    at(sawahlunto, max(JANUARY, sawahlunto.now))
    who = await Played.of(sawahlunto, await sawahlunto.next_clerk())
    await sawahlunto.bring(who.appraisal)
    async with opened_browser(sawahlunto) as browser:
        await browser.sign_in(who.employee)
        await browser.go(f"/penilaian/{who.appraisal}/formulir/plan")
        await fill(browser, await example_of(sawahlunto, who.employee, who.appraisal, "plan"))
        page = await browser.press("Kirim rencana")
        assert page.status in (409, 422)
        await browser.follow("Baca kriteria penilaian")
        assert "Berorientasi Pelayanan" in browser.page.text
        await browser.press("Saya sudah membaca kriteria ini")
        assert "Kriteria sudah Anda baca" in browser.page.text
        await browser.follow("Isi rencana")
        page = await browser.press("Kirim rencana")
        assert "Rencana dikirim: tercatat." in page.text, page.alerts
