"""What a run says: the checker's sentences, and the figures beside them."""

from collections import Counter

from tests.faults.history import Call

SHOWN = 20  # violations
PROMPT_SECONDS = 60


def report(calls: list[Call], tables: dict, run: dict, found: list[str]) -> str:
    without = f", WITHOUT {run['without']}" if run["without"] else ""
    heading = f"{run['at']}, commit {run['commit']}, seed {run['seed']}, {len(run['faults'])} faults{without}"
    bound = f": below {3 / max(1, len(calls)) * 1e6:.0f} in a million calls" if not found else ""
    lines = [people(calls, tables), recoveries(run), over_http(calls, run), messages(tables, run)]
    lines += [f"VIOLATION {sentence}" for sentence in found[:SHOWN]]
    return "\n  ".join([heading, *lines, f"{len(found)} violations{bound}"])


def people(calls: list[Call], tables: dict) -> str:
    verbs, outcomes = Counter(call.verb for call in calls), Counter(call.outcome for call in calls)
    refused = Counter(call.answer["code"] for call in calls if call.outcome == "refused")
    again = len(calls) - len({(call.verb, call.key) for call in calls})
    return (
        f"{len(calls)} calls {dict(verbs)}, {again} of them again with the same key: {dict(outcomes)}, refused as"
        f" {dict(refused.most_common(6))}; {len(tables['appointments'])} bookings,"
        f" {sum(a['moves'] for a in tables['appointments'])} moves"
    )


def recoveries(run: dict) -> str:
    kinds = Counter(fault["name"] for fault in run["faults"])
    slowest = sorted(run["faults"], key=lambda fault: fault["over"] - fault["well"])[:3]
    words = ", ".join(f"{fault['name']} {fault['well'] - fault['over']:.1f} s" for fault in slowest)
    return f"{len(kinds)} kinds of fault; slowest to be well again: {words}; started again: {run['started_again']}"


def over_http(calls: list[Call], run: dict) -> str:
    """How long the API took while Redis failed, and while nothing did."""
    spells = [(f["began"] - run["clock"], f["well"] - run["clock"], "redis" in f["name"]) for f in run["faults"]]
    calm, redis = [], []
    for call in calls:
        if call.call.startswith("restlesscitizen"):
            met = {is_redis for began, well, is_redis in spells if call.start <= well and call.end >= began}
            if met <= {True}:
                (redis if met else calm).append(call)
    return f"over HTTP: {pace(calm)} in quiet times; {pace(redis)} while Redis failed"


def pace(calls: list[Call]) -> str:
    answered = sorted(call.end - call.start for call in calls if call.outcome != "unknown")
    if not answered:
        return "no calls"
    median, p99 = (answered[int(len(answered) * share)] * 1000 for share in (0.5, 0.99))
    return f"{len(answered)} of {len(calls)} calls answered, half in {median:.0f} ms and 99 % in {p99:.0f} ms"


def delays(tables: dict, faults: list[dict]) -> list[float]:
    """Seconds from each booking, or from the recovery of the last fault that met its mail, to the first mail."""
    found = []
    for a in tables["appointments"]:
        if messages := tables["mails"].get(a["reference"]):
            arrived = min(arrivals[0] for arrivals in messages.values())
            met = [f["well"] for f in faults if f["began"] <= arrived and f["well"] >= a["created"]]
            found.append(arrived - max([a["created"], *met]))
    return found


def messages(tables: dict, run: dict) -> str:
    waited = sorted(delays(tables, run["faults"]))
    prompt = sum(seconds <= PROMPT_SECONDS for seconds in waited)
    again = sum(len(arrivals) - 1 for one in tables["mails"].values() for arrivals in one.values())
    slowest = f", the slowest {waited[-1]:.0f} s" if waited else ""
    return (
        f"{prompt} of {len(waited)} confirmations within {PROMPT_SECONDS} s of recovery{slowest};"
        f" {again} handed to the mail server again, with the same Message-ID"
    )
