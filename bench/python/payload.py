"""Payloads, the twin of src/roles/payload.ts."""


def payload_of(byte_length: int) -> bytes:
    return bytes(i % 251 for i in range(byte_length))
