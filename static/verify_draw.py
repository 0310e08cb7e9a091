#!/usr/bin/env python3
"""Recompute a draw for consular appointments, and say whether it was an honest one.

    python3 verify_draw.py mexitel-apertura-42.zip [YOURTICKET]

It needs Python 3.8, no network, and no trust in the portal. It checks that the office kept the secret that it promised
before anybody joined; that tickets and seats are the ones sealed before the random number existed; that the seed
follows from these three alone; the order from the seed; and every seat and every skip from the order.
It does NOT check two things. That the random number is genuine: compare its signature with what
https://api.drand.sh/CHAIN/public/ROUND shows (CHAIN and ROUND are printed below), or give it to a drand client, which
checks it with the key of the League of Entropy; a beacon named "local" is a demonstration and proves nothing. And that
commitment and sealed list are as old as they say: compare them with what you or others noted on the day.
"""

import datetime
import hashlib
import hmac
import json
import sys
import zipfile


def sha(content):
    return hashlib.sha256(content if isinstance(content, bytes) else content.encode()).hexdigest()


def check(what, good):
    print("ok    " if good else "WRONG ", what)
    wrong.extend([] if good else [what])


def table(name):  # one dictionary for each line
    header, *lines = files.get(name, b"empty").decode().splitlines()
    return [dict(zip(header.split(","), line.split(","))) for line in lines]  # noqa: B905


def mark(ticket):  # the best of its numbered tickets says where a ticket stands; of equals the code
    texts = (f"{ticket['ticket']}#{number}" for number in range(1, int(ticket["weight"]) + 1))
    return min(hmac.new(seed, text.encode(), "sha256").digest() for text in texts), ticket["ticket"]


def allot(lots, refused, winners):  # in the drawn order, each takes the first of its choices that has room
    room, stock, lines = {id(lot): int(lot["seats"]) for lot in lots}, {}, []
    for lot in lots:
        stock.setdefault(f"{lot['office']}/{lot['day']}/{lot['half']}", []).append(lot)
    for place, ticket in enumerate(order, 1):
        code, party, need = ticket["ticket"], int(ticket["party"]), ticket["procedure"]
        if code in winners:
            continue  # had its turn in an earlier allotment
        if not any(room.values()):
            break
        suits = [lot for choice in ticket["choices"].split() for lot in stock.get(choice, []) if code not in refused]
        fits = (lot for lot in suits if not (need and lot["procedures"]) or need in lot["procedures"].split())
        lot = next((lot for lot in fits if room[id(lot)] >= party), None)
        if lot:
            room[id(lot)] -= party
        lines.append([str(place), code, *(list(lot.values())[1:5] if lot else [refused.get(code, "none_fits")])])
    return lines


wrong = []
with zipfile.ZipFile(sys.argv[1]) as folder:
    files = {name: folder.read(name) for name in folder.namelist()}
words = [line.split(" ") for line in files["sealed.txt"].decode().splitlines()]
said, by_channel = {name: rest for name, *rest in words}, [int(line[2]) for line in words if line[0] == "channel"]
facts, promise = json.loads(files["seed.json"].decode()), json.loads(files["commitment.json"].decode())
print(f"Opening {said['release'][0]}, sealed {said['sealed'][0]}: {said['tickets'][0]} tickets.")
print("Random number: beacon", *said["beacon"], "round", *said["round"])
sealed_list, lists = sha(files["sealed.txt"]), [sha(files["tickets.csv"]), sha(files["seats.csv"])]
print(f"Commitment  {promise['commitment']}\nSealed list {sealed_list}\nSeed        {facts['seed']}\n")
promised = sha(f"mexitel commitment 1\n{facts['secret']}\n")
check("the secret is the promised one", promised == promise["commitment"] == said["commitment"][0])
check("tickets and seats are the sealed ones", lists == [said["tickets"][1], said["seats"][1]])
check("channels add up", sum(by_channel) == len(table("tickets.csv")) == int(said["tickets"][0]))
sealed_at = datetime.datetime.strptime(said["sealed"][0], "%Y-%m-%dT%H:%M:%S%z").timestamp()
genesis, period, number = int(said["beacon"][2]), int(said["beacon"][3]), int(said["round"][0])
check("the random number is younger than the seal", genesis + (number - 1) * period > sealed_at)
random = [number, sha(bytes.fromhex(facts["signature"]))]
check("it is the one of the promised round", [facts["round"], facts["randomness"]] == random)
seed = bytes.fromhex(sha("\n".join(["mexitel seed 1", facts["secret"], sealed_list, facts["randomness"], ""])))
check("the seed follows from secret, sealed lists and random number", seed.hex() == facts["seed"])
order = sorted(table("tickets.csv"), key=mark)
order_told = [(row["place"], row["ticket"]) for row in table("order.csv")]
check("the order follows from the seed", order_told == [(str(n), row["ticket"]) for n, row in enumerate(order, 1)])
rounds, awards, skips, winners = table("rounds.csv"), table("awards.csv"), table("skips.csv"), set()
sealed_seats = {tuple(list(lot.values())[:4]): int(lot["seats"]) for lot in table("seats.csv")}
kept = (int(lot["seats"]) <= sealed_seats.get(tuple(list(lot.values())[1:5]), 0) for lot in rounds)
check("only sealed seats were allotted", all(kept))
for name in sorted({row["round"] for row in rounds + awards + skips}, key=int):
    lots, told = ([row for row in rows if row["round"] == name] for rows in (rounds, awards + skips))
    told = sorted((list(row.values())[1:] for row in told), key=lambda line: int(line[0]))
    refused = {line[1]: line[2] for line in told if len(line) == 3 and line[2] != "none_fits"}
    check(f"allotment {name} follows from the order", told == allot(lots, refused, winners))
    winners |= {line[1] for line in told if len(line) > 3}
    print(f"       {sum(len(line) > 3 for line in told)} won, {len(refused)} passed over for a reason of their own")
for code in sys.argv[2:]:
    places = [f"place {place}" for place, ticket in order_told if ticket == code] or ["NOT in the list"]
    print(code, *places, *(list(row.values()) for row in awards + skips if row["ticket"] == code))
print("\nVERDICT:", "NOT an honest draw: " + "; ".join(wrong) if wrong else "the draw is exactly what its seed gives.")
sys.exit(bool(wrong))
