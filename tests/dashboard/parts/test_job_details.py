from dashboard.parts.job_details import flat, record
from pipeline.engine import Job
from pipeline.request import ComparisonRequest


def test_a_task_is_told_under_dotted_names_without_what_is_not_set():
    task = {"a": 1, "b": {"c": {"d": [2, 3]}, "e": None}, "f": [], "g": False, "h": 0}
    assert dict(flat(task)) == {"a": "1", "b.c.d": "[2, 3]", "g": "False", "h": "0"}


def test_a_record_names_only_what_there_is():
    task = ComparisonRequest("demo", "minilm", "s3prl:mel").as_dict()
    waiting = {row["name"] for row in record(Job("comparison", task), 5.0)}
    assert not waiting & {"started", "ended", "took", "done", "a second"}
    running = Job(
        "comparison", task, "running", started_at_s=2.0, total=9, done=4, settled_at_start=1
    )
    told = {row["name"]: row["value"] for row in record(running, 4.0)}
    assert (told["done"], told["there before"], told["a second"]) == ("4 of 9", "1", "1.5")
    assert told["took"] == "2 s"
    assert "ended" not in told
