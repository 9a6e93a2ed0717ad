"""The executor class `reveal`: the gate's own, where admit has its keys.

    phigate executor run streams.custody.reveal.desk:app --class reveal

It serves what was granted and nothing else: the grant names the intent, the fields, the person on
whose behalf was asked. The payload is opened with the key provider, the fields are sealed to that
person's key of the directory, and the outcome says which fields of what were shown to whom.
"""

from typing import TYPE_CHECKING, Final

from streams.auditor.proof.check import read
from streams.auditor.read import source
from streams.custody.reveal.fields import checked, pick
from streams.custody.reveal.sealed import SealedReveal
from streams.directory import Directory
from streams.errors import RefusedError
from streams.events import AuditEntry, CaseEvent, IntentAdmitted, IntentBody
from streams.executor import ActionRequest, Executor
from streams.executor.request import Done
from streams.home.provider import provider_of
from streams.sealing import open_body
from streams.settings import Settings, load_settings
from streams.wire import client, codec
from streams.wire.credential import as_role

if TYPE_CHECKING:
    from streams.sealing import SealPublicKey

CLASS: Final = "reveal"
ACTION: Final = "phi.reveal"
RESOURCE: Final = "Intent"


def app() -> Executor:
    """Return the executor of this machine's settings."""
    settings = load_settings()
    keys = settings.keys / "executors"
    made = Executor(CLASS, settings, key=keys / f"{CLASS}.key", seal_key=keys / f"{CLASS}.seal")

    @made.handler(ACTION, idempotent=True)  # the same file again, sealed anew
    def reveal(request: ActionRequest) -> Done:
        return shown(settings, request)

    return made


def shown(settings: Settings, request: ActionRequest) -> Done:
    """Reveal what was granted; RefusedError with the reason where it cannot be."""
    params = request.params
    fields = checked(params.get("fields") if isinstance(params, dict) else None)
    subject_id, person = request.resource.id, request.on_behalf_of or ""
    key = _key_of(Directory.load(settings.directory), person)
    body = opened(settings, subject_id)
    values = pick(body, fields)
    SealedReveal.make(request.intent_id, subject_id, person, fields, values, key).save(
        settings.home
    )
    # Names would be masked here: who asked, and of which intent, the reveal's own intent says.
    return Done(message=f"revealed to whoever asked: {', '.join(fields)}")


def _key_of(directory: Directory, person: str) -> "SealPublicKey":
    found = directory.person(person)
    if found is None or not found.active:
        raise RefusedError("the directory has no such person now", code="unknown_person")
    if found.seal is None:
        raise RefusedError("the directory has no seal key of this person", code="no_seal_key")
    return found.seal


def opened(settings: Settings, subject_id: str) -> IntentBody:
    """Return an intent's body, from the audit.

    InputError `unknown_intent`, `shredded` or `unsealable`; ProviderError, BrokerError.
    """
    admitted = _admitted(settings, subject_id)
    sealed = admitted.sealed
    data_key = provider_of(settings).unwrap(sealed.key_id, sealed.wrapped_key, subject_id)
    return codec.decode(open_body(data_key, sealed, subject_id), IntentBody)


def _admitted(settings: Settings, subject_id: str) -> IntentAdmitted:
    auditor = as_role(settings, "auditor")
    gone = False
    shard = client.partition_of(subject_id.encode(), settings.partitions)
    for record in source.of_shard(auditor, shard):
        _, item = read(record)
        if not isinstance(item, AuditEntry) or item.intent_id != subject_id:
            continue
        if not item.event:
            gone = True
            continue
        body = codec.decode(item.event, CaseEvent).body
        if isinstance(body, IntentAdmitted):
            return body
    if gone:
        raise RefusedError("its events were erased: it was shredded", code="shredded")
    raise RefusedError("the audit has no payload of such an intent", code="unknown_intent")
