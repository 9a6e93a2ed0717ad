"""`phigate`: dispatch only. A command's module is imported when it is asked for."""

import io
import sys
from collections.abc import Mapping

import click

from streams import __version__, dumps, exits
from streams.commandline import Rooms
from streams.errors import PhigateError

COMMANDS: Mapping[str, tuple[str, str]] = {
    "init": ("streams.home.command:init", "Make keys, directory file, policy and settings."),
    "up": ("streams.worker.command:up", "Run broker, topics and workers together."),
    "kafka": ("streams.cluster.embedded.command:kafka", "A real Kafka on this machine."),
    "doctor": ("streams.doctor.command:doctor", "How this gate really stands, and what to do."),
    "topics": ("streams.cluster.command:topics", "Plan, apply and read the topics."),
    "access": ("streams.cluster.access_command:access", "Kafka's users and rights, by role."),
    "worker": ("streams.worker.command:worker", "Run single workers."),
    "propose": ("streams.agent.command:propose", "Propose an action, as an agent does."),
    "wait": ("streams.agent.command:wait", "Wait for a verdict, as an agent does."),
    "login": ("streams.approver.login_command:login", "Prove who you are, to approve as that."),
    "inbox": ("streams.approver.command:inbox", "What waits for you."),
    "show": ("streams.approver.command:show", "One request, masked, with all that matters."),
    "approve": ("streams.approver.command:approve", "Agree, with a signed decision."),
    "deny": ("streams.approver.command:deny", "Refuse, with a signed decision."),
    "halt": ("streams.control.command:halt", "Stop everything, an agent, an action, a resource."),
    "resume": ("streams.control.command:resume", "Lift a halt."),
    "halts": ("streams.control.command:halts", "What is halted."),
    "revoke": ("streams.control.command:revoke", "Take one intent back, approved or not."),
    "cancel": ("streams.control.command:cancel", "Take back an intent, as its agent."),
    "reveal": ("streams.custody.reveal.command:reveal", "See more of a request, if others agree."),
    "executor": ("streams.executor.command:executor", "Run approved actions."),
    "audit": ("streams.auditor.commands.audit:audit", "Verify and read the evidence."),
    "shred": ("streams.custody.shred_command:shred", "Destroy what opens one intent's payload."),
    "key": ("streams.home.command:key", "Make and show keys."),
    "keys": ("streams.home.keys:keys", "Publish, rotate and list the gate's own keys."),
    "directory": ("streams.home.command:directory", "Check people, agents and resources."),
    "policy": ("streams.home.policy:policy", "Check a policy set, and try what it says."),
    "try": ("streams.worker.try_command:try_", "What a gate would say of an intent, no broker."),
    "mask": ("streams.masking.command:mask", "Mask PHI in texts and documents."),
}


@click.group(cls=Rooms, table=COMMANDS)
@click.version_option(__version__, prog_name="phigate")
def phigate() -> None:
    """Gate the actions of AI agents: masked review, signed grants, provable audit.

    \b
    A first day:
      phigate init && phigate up          keys, a policy, a real Kafka and the workers
      phigate propose --help              ask, as an agent does
      phigate inbox; phigate show ID      see what waits for you
      phigate audit verify                check what happened
    """


def main() -> None:
    """Run the command. What goes wrong is said in a line and a hint, never as a traceback."""
    dumps.forbid()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal without a sign shows its number
            stream.reconfigure(errors="backslashreplace")
    try:
        phigate(prog_name="phigate", standalone_mode=True)
    except PhigateError as error:  # of the dispatch itself: a command tells its own
        click.echo(f"phigate: {error}\nhint: {error.hint}".rstrip(), err=True)
        sys.exit(exits.of(error))
    except KeyboardInterrupt:
        sys.exit(exits.Exit.STOPPED)


if __name__ == "__main__":
    main()
