"""Payloads, the twin of src/roles/payload.ts."""

PATTERN = bytes(range(251))


def payload_of(byte_length: int) -> bytes:
    return (PATTERN * (byte_length // len(PATTERN) + 1))[:byte_length]
