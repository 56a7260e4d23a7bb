"""The longer statements of judging; `%s` stands for a parameter on both databases."""

_CONTRIBUTOR = """p.id, p.job_id, p.state, p.trust_from, p.quizzes, p.cursor, p.repeated_to,
    p.judgments_made, p.pages_made, p.tally, p.given, j.state, j.revision, j.frontier, exists (
        select 1 from store_participation o
        where o.job_id = p.job_id and o.settle_from is not null), p.removed_for"""
_PAGE = """g.id, g.participation_id, g.design_id, g.mode, g.state, g.units, g.created_at,
    g.expires_at, g.counted, g.result, g.again"""
_OF_JOB = "from store_participation p join store_job j on j.id = p.job_id"
CONTRIBUTOR = f"select {_CONTRIBUTOR} {_OF_JOB} where p.id = %s"
# One question instead of two: on PostgreSQL each is a way there and back.
CONTRIBUTOR_AND_OPEN_PAGE = f"""
select {_CONTRIBUTOR}, {_PAGE} {_OF_JOB}
    left join store_page g on g.participation_id = p.id and g.state = 'open'
where p.id = %s
"""
CONTRIBUTOR_AND_PAGE = f"""
select {_CONTRIBUTOR}, {_PAGE} {_OF_JOB}
    left join store_page g on g.id = %s and g.participation_id = p.id
where p.id = %s
"""
LOCK_JOB = """
select 1 from store_job
where id = (select job_id from store_participation where id = %s) for update
"""
PAGE = f"select {_PAGE} from store_page g"
ADD_PAGE = """
insert into store_page (participation_id, design_id, mode, state, units, again, context,
    created_at, expires_at, counted, result)
values (%s, %s, %s, 'open', %s, %s, %s, %s, %s, %s, '') returning id
"""
PAGE_AFTER = f"""
select {_PAGE}, g.submitted_at from store_page g
where g.participation_id = %s and g.id > %s order by g.id limit 1
"""
# What a contributor asked about or reported would be known again by what was said.
REPEATABLE = """
select s.unit_id from store_slot s where s.unit_id in ({})
    and not exists (
        select 1 from store_remark r where r.participation_id = %s and r.unit_id = s.unit_id)
    and not exists (
        select 1 from store_report r where r.participation_id = %s and r.unit_id = s.unit_id)
order by s.id
"""
SLOT = "id, unit_id, position, outstanding, counted, wanted"
CANDIDATES = f"""
select {SLOT}, exists (
    select 1 from store_judgment j where j.unit_id = c.unit_id and j.participation_id = %s)
from (
    select {SLOT} from store_slot
    where job_id = %s and open and position > %s order by position limit %s
) c order by position
"""
# A contributor's own order: slots by a multiplicative hash whose factor is the contributor's
# (Knuth, The Art of Computer Programming 3, section 6.4).
CANDIDATES_OWN_ORDER = f"""
select {SLOT} from store_slot s
where job_id = %s and open and not exists (
    select 1 from store_judgment j where j.unit_id = s.unit_id and j.participation_id = %s)
order by (id * %s) %% 2147483647, id limit %s
"""
PICTURES = """
select ui.unit_id, ui.role, r.handle, r.width, r.height, i.synthetic,
    f.handle, i.width, i.height, i.greys
from store_unitimage ui join store_image i on i.id = ui.image_id
    join store_rendition r on r.image_id = i.id and r.kind = %s
    left join store_rendition f on f.image_id = i.id and f.kind = 'full'
where ui.unit_id in ({}) order by ui.unit_id, ui.position
"""
CONTEXT = "select context from store_page where id = %s"
READINGS = """
select j.answers, j.cannot_be_judged, j.participation_id, p.tally
from store_judgment j join store_page g on g.id = j.page_id
    join store_participation p on p.id = j.participation_id
where j.unit_id = %s and g.counted and j.attempt = 0 order by j.id
"""
# +: by the few overdue pages, not by all participations of the job.
OVERDUE = f"""
select {_PAGE} from store_page g join store_participation p on p.id = g.participation_id
where g.state = 'open' and g.expires_at <= %s and +p.job_id = %s
order by g.expires_at, g.id limit %s
"""
