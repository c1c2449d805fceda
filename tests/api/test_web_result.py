"""A result by a pack that counts and that measures competency: its lines, strengths, what to develop, and trainings."""

from __future__ import annotations

from typing import Any

from tests.api.browsing import opened_browser
from tests.api.following import final, scored
from tests.api.test_regional_years import region
from tests.world import World

PEOPLE = 24
kepahiang = region("kepahiang-bobot", people=PEOPLE)


async def test_a_result_that_is_counted_shows_weight_and_points_of_each_line_and_what_to_develop(
    kepahiang: World,
) -> None:
    plain = await final(kepahiang, scored(80))
    seen: Any = await kepahiang.seen(plain.appraisal, plain.employee)
    competency = seen["outcome"]["competency"]
    low, *_ = [one["id"] for one in competency["lines"]]
    weak = await final(kepahiang, scored(80, {low: 1}))
    seen = await kepahiang.seen(weak.appraisal, weak.employee)
    outcome, competency = seen["outcome"], seen["outcome"]["competency"]
    assert low in competency["to_develop"]
    async with opened_browser(kepahiang) as browser:
        await browser.sign_in(weak.employee)
        page = await browser.go(f"/penilaian/{weak.appraisal}/hasil")
    titles = {one["id"]: one["title"] for one in competency["lines"]}
    assert titles[low] in page.text.partition("Yang perlu dikembangkan")[2]
    for one in competency["strengths"]:
        assert titles[one] in page.text.partition("Yang kuat")[2].partition("Yang perlu dikembangkan")[0]
    for one in competency["training"]:
        assert one["why"] in page.text
    for line in outcome["lines"]:
        assert line["why"] in page.text
        for figure in (line.get("weight"), line.get("points")):
            assert figure is None or f'<td class="number">{figure.replace(".", ",")}</td>' in page.html
