"""A strict local imitation of LinkedIn's Marketing REST API, for tests, benchmarks and demos."""

from sandbox.api.ads_rules import ASSET_RULES
from sandbox.api.log import Entry, Log
from sandbox.api.page_rules import PAGE_RULES
from sandbox.api.request import Switches
from sandbox.api.rules import RULES
from sandbox.server import Sandbox
from sandbox.testing.faults import KINDS, Fault, Faults
from sandbox.world import worlds
from sandbox.world.builder import Builder
from sandbox.world.metrics import METRICS, Metric
from sandbox.world.world import World
from sandbox.world.worlds import WORLDS

__all__ = [
    "ASSET_RULES",
    "KINDS",
    "METRICS",
    "PAGE_RULES",
    "RULES",
    "WORLDS",
    "Builder",
    "Entry",
    "Fault",
    "Faults",
    "Log",
    "Metric",
    "Sandbox",
    "Switches",
    "World",
    "worlds",
]
