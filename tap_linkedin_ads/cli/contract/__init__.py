"""``check --contract``: asks LinkedIn whether it is as the tap assumes."""
