"""Planning, cutting and merging ad reports. Pure: no SDK, no clock, no configuration, no I/O."""
