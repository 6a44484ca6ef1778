"""Jobs from start to end."""

from jobs.models import JobItem


def test_a_job_runs_to_its_end(site):
    site.start_cluster()
    job = site.start_job(count=30)
    found = site.wait_for_end(job)
    assert found["status"] == "completed"
    assert found["progress"]["succeeded"] == 30
    assert JobItem.objects.filter(job=job, status="succeeded", attempts=1).count() == 30
