"""A strict local imitation of LinkedIn's Marketing REST API, for tests, benchmarks and demos."""

from sandbox import worlds
from sandbox.assets.rulebook import ASSET_RULES
from sandbox.builder import Builder
from sandbox.faults import KINDS, Fault, Faults
from sandbox.log import Entry, Log
from sandbox.metrics import METRICS, Metric
from sandbox.pages.rulebook import PAGE_RULES
from sandbox.request import Switches
from sandbox.rules import RULES
from sandbox.server import Sandbox
from sandbox.world import World
from sandbox.worlds import WORLDS

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
