"""Painting a million pictures on many machines, over Ray Data; files lie in folders or in an object store."""

from __future__ import annotations

from splpaint.cluster.manifest import Record
from splpaint.cluster.painting import paint_on_cluster
from splpaint.cluster.plan import ALPHA, Plan, plan_pictures
from splpaint.cluster.worker import Task, describe_task

__all__ = ["ALPHA", "Plan", "Record", "Task", "describe_task", "paint_on_cluster", "plan_pictures"]
