"""Which partition a key belongs to, by the hash that every Kafka client but librdkafka uses."""


def partition_of(key: bytes, partitions: int) -> int:
    """Return where Java's default partitioner, Faust's, and ours put a key: murmur2."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions


def murmur2(data: bytes) -> int:
    """Return Kafka's hash of a key, unsigned (org.apache.kafka.common.utils.Utils.murmur2)."""
    mixed, mask = 0x5BD1E995, 0xFFFFFFFF
    state = 0x9747B28C ^ len(data)
    whole = len(data) & ~3
    for at in range(0, whole, 4):
        word = int.from_bytes(data[at : at + 4], "little") * mixed & mask
        word = (word ^ word >> 24) * mixed & mask
        state = (state * mixed & mask) ^ word
    if data[whole:]:
        state = (state ^ int.from_bytes(data[whole:], "little")) * mixed & mask
    state = (state ^ state >> 13) * mixed & mask
    return state ^ state >> 15
