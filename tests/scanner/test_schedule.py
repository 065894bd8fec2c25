"""When jobs run, in which order, what is made up for, and that the scheduler stops when told."""

from __future__ import annotations

import logging
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from zoneinfo import ZoneInfo

import pytest
from installation import COMMAND, install

from scanner.app import App
from scanner.config import load
from scanner.cron import cron
from scanner.errors import SourceError
from scanner.health import read
from scanner.schedule import Job, Stop, StoppedError, scheduler

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 18, 12, 0, tzinfo=LONDON)  # a Wednesday


@pytest.mark.parametrize(
    ("expression", "due"),
    [
        ("0 5 * * *", "Thu 19 Nov 05:00"),
        ("0 7 * * mon", "Mon 23 Nov 07:00"),
        ("0 7 * * MON", "Mon 23 Nov 07:00"),
        ("0 7 * * 1", "Mon 23 Nov 07:00"),
        ("0 7 * * 0", "Sun 22 Nov 07:00"),
        ("0 7 * * 7", "Sun 22 Nov 07:00"),
        ("0 7 * * 6-7", "Sat 21 Nov 07:00"),
        ("0 7 * * sat-sun", "Sat 21 Nov 07:00"),
        ("0 7 * * 1-5", "Thu 19 Nov 07:00"),
        ("*/15 12 * * *", "Wed 18 Nov 12:15"),
        ("0 8-18/5 * * *", "Wed 18 Nov 13:00"),
        ("30 6 1 * *", "Tue 01 Dec 06:30"),
        ("30 6 1 jan,jul *", "Fri 01 Jan 06:30"),
        ("0 0 29 2 *", "Tue 29 Feb 00:00"),
    ],
)
def test_a_job_is_due_when_crontab_says(expression: str, due: str) -> None:
    made = scheduler([Job("scan", expression, list)], LONDON, NOW, Stop())
    assert f"{made.get_jobs()[0].next_run_time:%a %d %b %H:%M}" == due


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("", "give five cron fields"),
        ("@daily", "give five cron fields"),
        ("0 5 * *", "give five cron fields"),
        ("0 5 * * * *", "give five cron fields"),
        ("60 5 * * *", "'60' is no minute; they run from 0 to 59"),
        ("0 24 * * *", "'24' is no hour"),
        ("0 5 0 * *", "'0' is no day"),
        ("0 5 * 13 *", "'13' is no month"),
        ("0 5 * * 8", "'8' is no weekday"),
        ("0 5 * * monday", "'monday' is no weekday"),
        ("0 5 * * fri-mon", "run backwards"),
        ("30-10 5 * * *", "run backwards"),
        ("*/0 5 * * *", "a step of 0"),
        ("-5 5 * * *", "is no minute"),
        ("1,,2 5 * * *", "is no minute"),
        ("² 5 * * *", "is no minute"),
        ("0 5 31 4,6,9,11 *", "never run"),
        ("0 7 1-7 * mon", "a day or a weekday"),
    ],
)
def test_an_expression_that_cannot_be_is_refused(expression: str, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        cron(expression)


def test_the_hour_is_the_councils_in_winter_and_in_summer() -> None:
    for day, offset in ((NOW, 0), (NOW.replace(month=6), 1)):
        made = scheduler([Job("scan", "0 5 * * *", list)], LONDON, day, Stop())
        due = made.get_jobs()[0].next_run_time
        assert (due.hour, due.utcoffset()) == (5, timedelta(hours=offset))


@pytest.mark.parametrize(
    ("last", "at_once"),
    [
        (None, False),
        (NOW - timedelta(hours=1), False),
        (NOW.replace(hour=5), False),
        (NOW.replace(hour=4, minute=59), True),
        (NOW - timedelta(days=40), True),
        ((NOW - timedelta(days=2)).astimezone(UTC), True),
    ],
)
def test_what_was_missed_is_made_up_for_at_once(last: datetime | None, *, at_once: bool) -> None:
    made = scheduler([Job("scan", "0 5 * * *", list, last)], LONDON, NOW, Stop())
    assert (made.get_jobs()[0].next_run_time == NOW) is at_once


def test_jitter_puts_every_run_off_by_the_same_time_and_keeps_their_order() -> None:
    later = timedelta(minutes=7)
    made = scheduler([Job("scan", "0 5 * * *", list, later=later), Job("digest", "0 5 * * *", list, later=later)], LONDON, NOW, Stop())
    assert [f"{job.next_run_time:%H:%M}" for job in made.get_jobs()] == ["05:07", "05:07"]
    for job in made.get_jobs():
        first = job.next_run_time
        assert job.trigger.get_next_fire_time(first, first) == first + timedelta(days=1)


def test_jitter_goes_by_the_time_that_passes_where_the_clock_is_put_back() -> None:
    made = scheduler([Job("scan", "30 1 * * *", list, later=timedelta(hours=1))], LONDON, datetime(2026, 10, 25, 0, 0, tzinfo=LONDON), Stop())
    assert made.get_jobs()[0].next_run_time.astimezone(UTC) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_it_tells_what_is_due_as_long_as_it_lives() -> None:
    told: list[dict[str, datetime]] = []
    ahead = NOW.replace(year=2090)  # the scheduler runs by the real clock: nothing may fall due meanwhile
    made = scheduler([Job("digest", "0 7 * * mon", list)], LONDON, ahead, Stop(), lambda due: told.append(dict(due)))
    thread = Thread(target=made.start)
    thread.start()
    until = time.monotonic() + 10
    while len(told) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    made.shutdown()
    thread.join()
    assert len(told) >= 2
    assert f"{told[0]['digest']:%a %d %b %H:%M}" == "Mon 20 Nov 07:00"


def test_lateness_never_drops_a_job_and_many_misses_are_one_run() -> None:
    made = scheduler([Job("scan", "0 5 * * *", list), Job("digest", "0 7 * * mon", list)], LONDON, NOW, Stop())
    assert [(j.name, j.coalesce, j.misfire_grace_time, j.max_instances) for j in made.get_jobs()] == [
        ("scan", True, None, 1),
        ("digest", True, None, 1),
    ]


def test_it_looks_at_the_clock_every_second_however_far_off_the_next_job_is() -> None:
    made = scheduler([Job("digest", "0 7 * * mon", list)], LONDON, datetime.now(LONDON), Stop())
    thread = Thread(target=made.start, kwargs={"paused": True})
    thread.start()
    while not made.running:
        time.sleep(0.01)
    made.resume()
    wait = made._process_jobs()
    assert wait is not None and wait <= 1
    made.shutdown()
    thread.join()


def _run_now(*work: Callable[[], object], seconds: float = 10) -> None:
    """Jobs that were all missed, run by a real scheduler until the last of them has run."""
    done, long_ago = Event(), datetime.now(LONDON) - timedelta(days=40)
    jobs = [*(Job(f"job {n}", "0 5 1 * *", each, long_ago) for n, each in enumerate(work)), Job("end", "0 5 1 * *", done.set, long_ago)]
    made = scheduler(jobs, LONDON, datetime.now(LONDON), Stop())
    thread = Thread(target=made.start)
    thread.start()
    try:
        assert done.wait(seconds)
    finally:
        made.shutdown()
        thread.join()


def test_jobs_of_one_minute_run_one_after_the_other_the_scan_first() -> None:
    said: list[str] = []

    def scan() -> None:
        said.append("scan begins")
        time.sleep(0.2)
        said.append("scan ends")

    _run_now(scan, lambda: said.append("digest"))
    assert said == ["scan begins", "scan ends", "digest"]


def test_a_job_that_fails_leaves_the_next_one_to_its_hour_and_says_no_mail(caplog: pytest.LogCaptureFixture) -> None:
    said: list[str] = []

    def refused() -> None:
        raise SourceError("the share is not mounted\x1b[31m")

    def broken() -> None:
        raise RuntimeError("Mrs Okafor of 4 Mill Lane")

    with caplog.at_level(logging.ERROR):
        _run_now(refused, broken, lambda: said.append("ran"))
    assert said == ["ran"]
    assert "the share is not mounted" in caplog.text
    assert "RuntimeError at test_schedule.py" in caplog.text
    assert "Okafor" not in caplog.text
    assert "\x1b" not in caplog.text


def test_a_job_asks_whether_to_stop() -> None:
    stop = Stop()
    stop.watch("Judging", 1, 2)
    stop.asked = True
    with pytest.raises(StoppedError):
        stop.watch("Judging", 2, 2)


_DRIVER = """
import sys, time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo
from scanner.schedule import Job, Stop, run, scheduler
stop, now = Stop(), datetime.now(ZoneInfo("Europe/London"))
def scan():
    print("under way", flush=True)
    while True:
        stop.watch("Judging", 0, None)
        time.sleep(0.02)
def digest():
    print("digest", flush=True)
work = [Job(name, "0 5 * * *", job, now - timedelta(days=9)) for name, job in (("scan", scan), ("digest", digest))]
run(scheduler(work, now.tzinfo, now, stop), stop)
print("stopped", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_ends_the_job_under_way_and_starts_no_other(number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", _DRIVER], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "under way\n"
        process.send_signal(number)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (0, "stopped\n", "")


def _aboveboard_run(config: Path, *options: str, until: str) -> tuple[int, str]:
    """The exit code of `aboveboard run` stopped by SIGTERM once it has said `until`, and what it said on standard error."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [COMMAND, "run", *options, "-c", config], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stderr
        said = ""
        while until not in said:
            line = process.stderr.readline()
            assert line, said
            said += line
        process.send_signal(signal.SIGTERM)
        out, rest = process.communicate(timeout=20)
    assert out == ""
    return process.returncode, said + rest


def test_run_waits_for_its_hour_and_stops_when_told(tmp_path: Path) -> None:
    code, said = _aboveboard_run(install(tmp_path), until="next digest")
    assert code == 0
    assert "next scan: " in said
    assert "Traceback" not in said
    health = read(tmp_path / "aboveboard.health.json")
    assert set(health.due) == {"scan", "digest"}
    assert health.past == {}


def test_run_makes_up_for_a_scan_that_a_restart_cut_off(tmp_path: Path) -> None:
    config = install(tmp_path)
    app = App(load(config))
    app.cases.begin_scan(datetime.now(UTC) - timedelta(days=2))
    app.close()
    code, said = _aboveboard_run(config, until="new copies read")
    assert code == 0
    assert "scan 2: 5 new copies read" in said


def test_run_says_at_once_what_would_fail_at_five_in_the_morning(tmp_path: Path) -> None:
    config = install(tmp_path)
    (tmp_path / "people.csv").unlink()
    done = subprocess.run([COMMAND, "run", "-c", config], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "people.csv: cannot be read" in done.stderr


def test_run_once_scans_writes_the_digests_and_ends(tmp_path: Path) -> None:
    done = subprocess.run([COMMAND, "run", "--once", "-c", install(tmp_path)], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    assert "scan 1: 5 new copies read, 2 messages judged" in done.stderr
    assert "digest written: " in done.stderr
    assert sorted(file.suffix for file in (tmp_path / "digests").iterdir()) == [".csv", ".html", ".txt"]
    assert {job: past.result for job, past in read(tmp_path / "aboveboard.health.json").past.items()} == {"scan": "complete", "digest": "complete"}
    well = subprocess.run([COMMAND, "health", "-c", tmp_path / "config.toml"], capture_output=True, text=True, timeout=60, check=False)
    assert (well.returncode, well.stdout, well.stderr) == (0, "well\n", "")


_ONCE = """
import time
from scanner.schedule import Stop, StoppedError, once
stop = Stop()
def work():
    print("under way", flush=True)
    while True:
        stop.watch("Judging", 0, None)
        time.sleep(0.02)
try:
    once(work, stop)
except StoppedError:
    print("stopped", flush=True)
"""


def test_a_single_run_that_is_told_to_stop_ends_at_its_next_step() -> None:
    with subprocess.Popen([sys.executable, "-c", _ONCE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "under way\n"
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (0, "stopped\n", "")
