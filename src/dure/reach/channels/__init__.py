"""The ways a message can go out; each knows one."""
