"""Without a mouse: whoever presses Tab sees where she is, and comes to everything that she needs."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.async_api import Locator

from tests.browser.person import Person, Room
from tests.endings import JANUARY, Played, at

PEOPLE = 24
TABS_MAX = 150
SEEN = """() => {
  const here = document.activeElement, box = here.getBoundingClientRect(), drawn = getComputedStyle(here);
  return box.width > 1 && box.height > 1 && box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight
    && drawn.outlineStyle !== "none" && parseFloat(drawn.outlineWidth) >= 2 ? "" : here.outerHTML.slice(0, 200);
}"""


@dataclass
class Keys:
    """Somebody who has a keyboard alone."""

    person: Person

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.person.page.keyboard.press(key)

    async def to(self, wanted: Locator) -> None:
        """On with Tab until it has the focus, which can be seen at every step."""
        await wanted.first.wait_for(state="attached")
        for _ in range(TABS_MAX):
            await self.press("Tab")
            unseen = await self.person.page.evaluate(SEEN)
            assert not unseen, f"the focus cannot be seen: {unseen}"
            if await wanted.evaluate_all("all => all.includes(document.activeElement)"):
                return
        raise AssertionError(f"no Tab leads to {wanted}")

    async def enter(self, wanted: Locator) -> None:
        """To a link or a button, and through it."""
        await self.to(wanted)
        async with self.person.page.expect_navigation():
            await self.press("Enter")

    async def link(self, words: str) -> None:
        await self.enter(self.person.page.get_by_role("link", name=words, exact=True))

    async def write(self, name: str, words: str) -> None:
        await self.to(self.person.input(name))
        await self.person.page.keyboard.type(words)

    async def choose(self, name: str, value: str) -> None:
        """Into the group, and by the arrows to the one."""
        choices = self.person.input(name)
        await self.to(choices)
        wanted = choices.and_(self.person.page.locator(f'[value="{value}"]'))
        await self.press("Space")
        for _ in range(await choices.count()):
            if await wanted.is_checked():
                return
            await self.press("ArrowDown")
        raise AssertionError(f"no arrow leads to {value}")

    async def sign_in(self, nip: str) -> None:
        await self.person.context.clear_cookies()
        await self.person.go("/masuk")
        await self.to(self.person.page.locator("#nip"))
        await self.person.page.keyboard.type(nip)
        async with self.person.page.expect_navigation():
            await self.press("Enter")


async def test_a_plan_is_written_sent_and_approved_by_the_keyboard_alone(room: Room) -> None:
    at(room.world, JANUARY)
    who = await Played.of(room.world, await room.world.next_clerk())
    await room.world.bring(who.appraisal)
    async with room.person() as person:
        keys, page = Keys(person), person.page
        await keys.sign_in(who.employee)
        await keys.link("Penilaian Anda sendiri")
        await keys.link("Isi rencana")
        await keys.choose("/approach", "kualitatif")
        await keys.write("/results/0/title", "Layanan perizinan selesai tepat waktu")
        await keys.choose("/results/0/kind", "utama")
        await keys.choose("/results/0/ownership", "individu")
        await keys.choose("/results/0/indicators/0/aspect", "waktu")
        await keys.write("/results/0/indicators/0/indicator", "Persentase izin yang terbit sesuai standar")
        await keys.write("/results/0/indicators/0/target", "95 % dari permohonan lengkap")
        for name in [one for one in await person._kinds() if one.startswith("/behaviours/")]:
            await keys.write(name, "Menjadi teladan.")
        await keys.enter(page.get_by_role("button", name="Kirim rencana"))
        await person.reads("Rencana dikirim: tercatat.")
        await keys.sign_in(who.supervisor)
        await keys.link("Tim saya")
        await keys.choose(f"do-{who.appraisal}", "approve_plan")
        await keys.enter(page.get_by_role("button", name="Kirim keputusan"))
        await person.reads("1 orang: setujui rencana. Tercatat.")
    assert (await room.world.row(who.appraisal))["state"] == "execution.running"


async def test_the_first_tab_of_a_page_offers_to_skip_what_every_page_begins_with(room: Room) -> None:
    async with room.person() as person:
        keys = Keys(person)
        await person.go("/masuk")
        await keys.to(person.page.locator(".skip"))
        await keys.press("Enter", "Tab")
        assert await person.page.evaluate("document.querySelector('main').contains(document.activeElement)")


async def test_the_answer_to_a_refused_form_begins_at_what_is_wrong_and_leads_to_the_field(room: Room) -> None:
    at(room.world, JANUARY)
    who = await Played.of(room.world, await room.world.next_clerk())
    await room.world.bring(who.appraisal)
    async with room.person() as person:
        keys = Keys(person)
        await person.enter(who.employee)
        await person.go(f"/penilaian/{who.appraisal}/formulir/plan")
        await keys.enter(person.page.get_by_role("button", name="Kirim rencana"))
        assert await person.page.evaluate("document.activeElement.getAttribute('role')") == "alert"
        await keys.to(person.page.get_by_role("link", name="Target wajib diisi."))
        await keys.press("Enter", "Tab")
        here = await person.page.evaluate("document.activeElement.name")
        assert here in ("/results/0/indicators/0/target", "press"), here
