"""How each operation of the contract is asked, by its method and address."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import uuid4

import httpx

from tests.api.asking import PACK, TODAY, Desk
from tests.api.noting import entry, hand_in, log, observe
from tests.world import YEAR

ELSEWHERE = {
    "agency": "Kota Sebelah",
    "from": "2015-01-01",
    "until": "2015-06-30",
    "result": "baik",
    "document": "800/12/2015",
}
OPENING = {"points": "41.667", "level": "Ahli Pertama", "at": "2020-12-31", "document": "PAK 12/2020"}
CALLS: dict[str, Callable[[Desk], Awaitable[httpx.Response]]] = {
    "GET /healthz": lambda desk: desk.outside("/healthz"),
    "GET /readyz": lambda desk: desk.outside("/readyz"),
    "GET /metrics": lambda desk: desk.outside("/metrics"),
    "POST /api/v1/dev/token": lambda desk: desk.world.http.post("/api/v1/dev/token", json={"nip": desk.who.employee}),
    "GET /api/v1/me": lambda desk: desk.get("/me"),
    "GET /api/v1/me/tasks": lambda desk: desk.get("/me/tasks", desk.who.supervisor),
    "GET /api/v1/agency/events": lambda desk: desk.get("/agency/events"),
    "GET /api/v1/agency/days": lambda desk: desk.get("/agency/days"),
    "PUT /api/v1/agency/days": lambda desk: desk.change_days(),
    "GET /api/v1/delegations": lambda desk: desk.get("/delegations"),
    "POST /api/v1/delegations": lambda desk: desk.offer(),
    "GET /api/v1/delegations/suggestions": lambda desk: desk.get("/delegations/suggestions"),
    "POST /api/v1/delegations/{delegation_id}/accept": lambda desk: desk.answer_offer("accept"),
    "POST /api/v1/delegations/{delegation_id}/decline": lambda desk: desk.answer_offer("decline"),
    "DELETE /api/v1/delegations/{delegation_id}": lambda desk: desk.end_delegation(),
    "GET /api/v1/recusals": lambda desk: desk.get("/recusals"),
    "GET /api/v1/recusals/kinds": lambda desk: desk.get("/recusals/kinds"),
    "POST /api/v1/recusals": lambda desk: desk.step_back(),
    "POST /api/v1/recusals/{recusal_id}/withdraw": lambda desk: desk.withdraw_recusal(),
    "GET /api/v1/people/{nip}/trainings": lambda desk: desk.get(f"/people/{desk.who.supervisor}/trainings"),
    "PUT /api/v1/people/{nip}/trainings": lambda desk: desk.record_training(),
    "POST /api/v1/teams": lambda desk: desk.record_team(),
    "GET /api/v1/teams": lambda desk: desk.get("/teams"),
    "PUT /api/v1/teams/{team_id}": lambda desk: desk.change_team(),
    "POST /api/v1/appraisals/{appraisal_id}/feedback": lambda desk: desk.give_feedback(),
    "GET /api/v1/appraisals/{appraisal_id}/feedback": lambda desk: desk.read_feedback(),
    "POST /api/v1/appraisals/{appraisal_id}/feedback/requests": lambda desk: desk.ask_for_feedback(),
    "GET /api/v1/appraisals/{appraisal_id}/feedback/requests": lambda desk: desk.read_feedback("/requests"),
    "POST /api/v1/public/units/{unit}/remarks": lambda desk: desk.say(),
    "POST /api/v1/cycles/{cycle_id}/praise": lambda desk: desk.praise(),
    "GET /api/v1/cycles/{cycle_id}/praise": lambda desk: desk.read_remarks("/cycles/{cycle}/praise"),
    "GET /api/v1/cycles/{cycle_id}/remarks": lambda desk: desk.read_remarks("/cycles/{cycle}/remarks"),
    "GET /api/v1/cycles/{cycle_id}/remarks/counts": lambda desk: desk.read_remarks("/cycles/{cycle}/remarks/counts"),
    "PUT /api/v1/cycles/{cycle_id}/remarks/{remark_id}/decision": lambda desk: desk.make_visible(),
    "GET /api/v1/appraisals/{appraisal_id}/remarks": lambda desk: desk.read_remarks("/appraisals/{appraisal}/remarks"),
    "GET /api/v1/me/feedback": lambda desk: desk.read_own_feedback(),
    "POST /api/v1/people/{nip}/supervisor": lambda desk: desk.decide("supervisor", effective=TODAY, reason="Mutasi."),
    "POST /api/v1/people/{nip}/transfer": lambda desk: desk.decide("transfer", effective=TODAY, post="Analis"),
    "POST /api/v1/people/{nip}/leave": lambda desk: desk.decide("leave", **{"from": TODAY, "until": f"{YEAR}-12-30"}),
    "POST /api/v1/people/{nip}/elsewhere": lambda desk: desk.decide("elsewhere", **ELSEWHERE),
    "POST /api/v1/people/{nip}/evaluation": lambda desk: desk.ask_for_evaluation(),
    "GET /api/v1/people/{nip}/elsewhere": lambda desk: desk.get(f"/people/{desk.who.employee}/elsewhere"),
    "PUT /api/v1/people/{nip}/elsewhere/{first_day}": lambda desk: desk.put_right(ELSEWHERE),
    "POST /api/v1/people/{nip}/elsewhere/{first_day}/withdraw": lambda desk: desk.put_right(ELSEWHERE, "withdraw"),
    "POST /api/v1/people/{nip}/elsewhere/{first_day}/document": lambda desk: desk.hand_in_document(),
    "GET /api/v1/appraisals/{appraisal_id}/elsewhere/{first_day}/document": lambda desk: desk.read_document(),
    "GET /api/v1/people/{nip}/credit": lambda desk: desk.get(f"/people/{desk.who.employee}/credit"),
    "PUT /api/v1/people/{nip}/credit/opening": lambda desk: desk.world.put(
        f"/people/{desk.who.employee}/credit/opening", "hr", OPENING
    ),
    "POST /api/v1/people/{nip}/exit": lambda desk: desk.decide("exit", effective=TODAY, reason="retire"),
    "GET /api/v1/people": lambda desk: desk.get("/people"),
    "GET /api/v1/people/{nip}/history": lambda desk: desk.of_followed("/people/{nip}/history"),
    "GET /api/v1/people/{nip}": lambda desk: desk.get(f"/people/{desk.who.employee}"),
    "POST /api/v1/roster/imports": lambda desk: desk.import_roster(),
    "POST /api/v1/people/earlier-years": lambda desk: desk.import_earlier_years(),
    "GET /api/v1/policies": lambda desk: desk.get("/policies"),
    "GET /api/v1/policies/{policy_id}": lambda desk: desk.get(f"/policies/{PACK}"),
    "POST /api/v1/cycles/{cycle_id}/indicators": lambda desk: desk.import_indicators(),
    "GET /api/v1/appraisals/{appraisal_id}/indicators": lambda desk: desk.get(
        f"/appraisals/{desk.who.appraisal}/indicators"
    ),
    "POST /api/v1/cycles": lambda desk: desk.make_cycle(),
    "GET /api/v1/cycles": lambda desk: desk.get("/cycles"),
    "GET /api/v1/cycles/{cycle_id}/policy": lambda desk: desk.of_cycle("/policy"),
    "PUT /api/v1/cycles/{cycle_id}/policy": lambda desk: desk.correct_policy(),
    "POST /api/v1/cycles/{cycle_id}/consultation": lambda desk: desk.begin_consultation(),
    "GET /api/v1/cycles/{cycle_id}/consultation": lambda desk: desk.read_consultation(),
    "POST /api/v1/cycles/{cycle_id}/consultation/comments": lambda desk: desk.comment(),
    "GET /api/v1/cycles/{cycle_id}/consultation/comments": lambda desk: desk.read_consultation("/comments"),
    "PUT /api/v1/cycles/{cycle_id}/consultation/comments/{number}": lambda desk: desk.change_comment(),
    "PUT /api/v1/cycles/{cycle_id}/consultation/comments/{number}/answer": lambda desk: desk.answer_comment(),
    "POST /api/v1/appraisals/{appraisal_id}/acknowledgement": lambda desk: desk.acknowledge(),
    "GET /api/v1/cycles/{cycle_id}": lambda desk: desk.of_cycle(),
    "PUT /api/v1/cycles/{cycle_id}/calendar": lambda desk: desk.move_calendar(),
    "POST /api/v1/cycles/{cycle_id}/outages": lambda desk: desk.record_outage(),
    "POST /api/v1/cycles/{cycle_id}/nudges": lambda desk: desk.post(f"/cycles/{desk.cycle}/nudges", body={}),
    "POST /api/v1/cycles/{cycle_id}/exchange/resend": lambda desk: desk.post(f"/cycles/{desk.cycle}/exchange/resend"),
    "GET /api/v1/cycles/{cycle_id}/export": lambda desk: desk.world.get(
        f"/cycles/{desk.cycle}/export", "hr", format="xlsx"
    ),
    "GET /api/v1/cycles/{cycle_id}/export.{format}": lambda desk: desk.of_cycle("/export.csv"),
    "POST /api/v1/cycles/{cycle_id}/notices/retry": lambda desk: desk.post(f"/cycles/{desk.cycle}/notices/retry"),
    "PUT /api/v1/cycles/{cycle_id}/units/{unit}/label": lambda desk: desk.world.label(
        desk.cycle, "INSPEKTORAT", "istimewa"
    ),
    "GET /api/v1/cycles/{cycle_id}/distribution": lambda desk: desk.of_cycle("/distribution"),
    "GET /api/v1/cycles/{cycle_id}/progress": lambda desk: desk.of_cycle("/progress"),
    "GET /api/v1/cycles/{cycle_id}/results": lambda desk: desk.of_results("/cycles/{cycle}/results"),
    "GET /api/v1/cycles/{cycle_id}/results/people": lambda desk: desk.of_results("/cycles/{cycle}/results/people"),
    "GET /api/v1/cycles/{cycle_id}/worklist": lambda desk: desk.of_cycle("/worklist"),
    "GET /api/v1/cycles/{cycle_id}/raters": lambda desk: desk.of_cycle("/raters"),
    "GET /api/v1/cycles/{cycle_id}/questions": lambda desk: desk.of_cycle("/questions"),
    "GET /api/v1/cycles/{cycle_id}/follow-ups": lambda desk: desk.of_followed("/cycles/{cycle}/follow-ups"),
    "GET /api/v1/cycles/{cycle_id}/nine-box": lambda desk: desk.of_followed("/cycles/{cycle}/nine-box"),
    "GET /api/v1/cycles/{cycle_id}/talents": lambda desk: desk.of_followed("/cycles/{cycle}/talents"),
    "POST /api/v1/cycles/{cycle_id}/check": lambda desk: desk.step("check"),
    "POST /api/v1/cycles/{cycle_id}/open": lambda desk: desk.step("open"),
    "POST /api/v1/cycles/{cycle_id}/close": lambda desk: desk.step("close"),
    "POST /api/v1/cycles/{cycle_id}/cancel": lambda desk: desk.step("cancel"),
    "GET /api/v1/appraisals": lambda desk: desk.get("/appraisals"),
    "GET /api/v1/appraisals/{appraisal_id}": lambda desk: desk.of_year(),
    "GET /api/v1/appraisals/{appraisal_id}/comparison": lambda desk: desk.of_results(
        "/appraisals/{appraisal}/comparison"
    ),
    "GET /api/v1/appraisals/{appraisal_id}/follow-ups": lambda desk: desk.of_followed(
        "/appraisals/{appraisal}/follow-ups"
    ),
    "POST /api/v1/appraisals/{appraisal_id}/follow-ups/{follow_up}": lambda desk: desk.of_followed(
        "/appraisals/{appraisal}/follow-ups/promotion", "approve"
    ),
    "POST /api/v1/appraisals/{appraisal_id}/programme": lambda desk: desk.of_programme("begin"),
    "GET /api/v1/programmes": lambda desk: desk.of_programme("list"),
    "GET /api/v1/programmes/{programme_id}": lambda desk: desk.of_programme("read"),
    "POST /api/v1/programmes/{programme_id}/goals": lambda desk: desk.of_programme("goals"),
    "POST /api/v1/programmes/{programme_id}/checkpoints/{number}": lambda desk: desk.of_programme("checkpoints/1"),
    "POST /api/v1/programmes/{programme_id}/evaluation": lambda desk: desk.of_programme("evaluation"),
    "POST /api/v1/programmes/{programme_id}/confirmation": lambda desk: desk.of_programme("confirmation"),
    "POST /api/v1/programmes/{programme_id}/extension": lambda desk: desk.of_programme("extension"),
    "POST /api/v1/programmes/{programme_id}/cancellation": lambda desk: desk.of_programme("cancellation"),
    "GET /api/v1/appraisals/{appraisal_id}/events": lambda desk: desk.of_year("/events"),
    "GET /api/v1/appraisals/{appraisal_id}/questions": lambda desk: desk.of_year("/questions"),
    "GET /api/v1/appraisals/{appraisal_id}/documents/{kind}.pdf": lambda desk: desk.of_year("/documents/plan.pdf"),
    "GET /api/v1/appraisals/{appraisal_id}/forms/{form}": lambda desk: desk.of_year("/forms/plan"),
    "PUT /api/v1/appraisals/{appraisal_id}/forms/{form}": lambda desk: desk.save_form(),
    "POST /api/v1/appraisals/{appraisal_id}/log": lambda desk: log(
        desk.world, desk.who.appraisal, desk.who.employee, entry(), entry(result="none")
    ),
    "GET /api/v1/appraisals/{appraisal_id}/log": lambda desk: desk.of_year("/log"),
    "POST /api/v1/appraisals/{appraisal_id}/observations": lambda desk: observe(
        desk.world, desk.who.appraisal, desk.who.supervisor
    ),
    "GET /api/v1/appraisals/{appraisal_id}/observations": lambda desk: desk.of_year("/observations"),
    "POST /api/v1/appraisals/{appraisal_id}/evidence": lambda desk: hand_in(
        desk.world, desk.who.appraisal, desk.who.employee, f"{uuid4()}.txt", uuid4().bytes.hex().encode()
    ),
    "GET /api/v1/appraisals/{appraisal_id}/evidence": lambda desk: desk.of_year("/evidence"),
    "GET /api/v1/appraisals/{appraisal_id}/evidence/{evidence_id}": lambda desk: desk.read_evidence(),
    "GET /api/v1/appraisals/{appraisal_id}/year-log": lambda desk: desk.of_year("/year-log"),
    "POST /api/v1/appraisals/actions/{action}": lambda desk: desk.act_on_many(),
    "POST /api/v1/appraisals/{appraisal_id}/actions/{action}": lambda desk: desk.world.act(
        desk.who.appraisal, "withdraw_appeal", desk.who.employee
    ),
}
"""How each operation is asked so that it answers well."""
