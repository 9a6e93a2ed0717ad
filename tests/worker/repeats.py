"""A broker that takes a first sending for a repeat: librdkafka's own mock of a cluster.

Kafka answers so (DUPLICATE_SEQUENCE_NUMBER) where a producer's number lies before the last five
batches that it remembers. The mock has no Python interface: it is reached through C.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import confluent_kafka

PRODUCER = 0  # rd_kafka_type_t
PRODUCE = 0  # Kafka's API key
DUPLICATE_SEQUENCE_NUMBER = 46
ERROR_CHARS = 512
PLACES = ("../confluent_kafka.libs/librdkafka*", ".dylibs/librdkafka*")  # Linux, macOS


def _library() -> ctypes.CDLL:
    """Return the very librdkafka that confluent-kafka brings."""
    home = Path(confluent_kafka.__file__).parent
    found = [path for place in PLACES for path in home.glob(place)]
    library = ctypes.CDLL(str(found[0]))
    for name in ("rd_kafka_new", "rd_kafka_mock_cluster_new"):
        getattr(library, name).restype = ctypes.c_void_p
    library.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
    return library


@contextmanager
def forgetful_broker() -> Iterator[str]:
    """Run a broker that calls the next record a repeat and keeps it nowhere; yield its address."""
    library = _library()
    error = ctypes.create_string_buffer(ERROR_CHARS)
    handle = ctypes.c_void_p(
        library.rd_kafka_new(PRODUCER, None, error, ctypes.c_size_t(len(error)))
    )
    assert handle, error.value
    cluster = ctypes.c_void_p(library.rd_kafka_mock_cluster_new(handle, 1))
    try:
        codes = (ctypes.c_int * 1)(DUPLICATE_SEQUENCE_NUMBER)
        library.rd_kafka_mock_push_request_errors_array(
            cluster, ctypes.c_int16(PRODUCE), ctypes.c_size_t(1), codes
        )
        yield library.rd_kafka_mock_cluster_bootstraps(cluster).decode()
    finally:
        library.rd_kafka_mock_cluster_destroy(cluster)
        library.rd_kafka_destroy(handle)
