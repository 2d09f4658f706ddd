"""Forecast -> agents per interval, for every channel: the load, the model that turns it into people."""

from staffing.channels import chat_time, first_attempts, throughput, total_load
from staffing.requirement.achieved import evaluate
from staffing.requirement.blend import blend
from staffing.requirement.curve import curve
from staffing.requirement.lines import lines
from staffing.requirement.load import modified_load
from staffing.requirement.need import compute, gross_up
from staffing.requirement.overdue import overdue
from staffing.requirement.patience import patience, patience_curve
from staffing.requirement.period import attainment
from staffing.requirement.skills import pooling, skill_groups
from staffing.requirement.spread import expected_volumes
from staffing.requirement.worked import worked_off
from staffing.requirement.workload import workload

__all__ = [
    "attainment",
    "blend",
    "chat_time",
    "compute",
    "curve",
    "evaluate",
    "expected_volumes",
    "first_attempts",
    "gross_up",
    "lines",
    "modified_load",
    "overdue",
    "patience",
    "patience_curve",
    "pooling",
    "skill_groups",
    "throughput",
    "total_load",
    "worked_off",
    "workload",
]
