"""Adverts of the embedded run: invented words, domains that lead nowhere, phones of the 555 that nobody has.

Half a year of them, so that the figures have something to show: many in the weeks of the baseline, few in the last
ones. A step of the past is written without a line of audit, because nobody took it.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from antifraud.adverts.figures import choose_baseline
from antifraud.adverts.telling import Told, tell
from antifraud.models import Ground, NoticeSource, Platform, Post, PostEvent, PostState
from mexitel.accounts.models import User

S = PostState
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
# Confirmed adverts of each week, the oldest first: the baseline is the first eight.
BY_WEEK = (6, 7, 5, 8, 6, 7, 6, 5, 5, 4, 4, 3, 3, 3, 2, 2, 2, 1, 2, 2)
BASELINE_WEEKS = 8
NOTE = "Las ocho primeras semanas del registro, antes de los avisos a las plataformas."
OLD_WORDS = (
    "Vendo citas para el consulado, {price} dólares por persona. Info por WhatsApp al 323 555 01{number:02}.",
    "Sacamos su cita esta semana, sin espera. Anticipo de {price} dólares. Tel. 213 555 01{number:02}.",
    "Citas garantizadas para pasaporte y matrícula. Precio por cita: {price}. Llame al 714 555 01{number:02}.",
    "We book your consulate appointment, guaranteed. {price} per person, Zelle. Call 909 555 01{number:02}.",
)
SITES = (
    ("https://facebook.com/groups/citas.ejemplo/posts/{number}", ""),
    ("https://x.com/citas_ejemplo/status/{number}", ""),
    ("https://www.instagram.com/p/ejemplo{number}/", ""),
    ("https://citas-rapidas.example/anuncio/{number}", ""),
)


class Sample(NamedTuple):
    """One to work on, told ``days`` ago, and the steps that it took since."""

    where: str
    words: str
    days: int
    steps: tuple[PostState, ...] = ()
    price: int | None = None
    contact: str = ""
    platform: str = ""
    times: int = 1


SAMPLES = (
    Sample(
        "https://m.facebook.com/groups/citas.ejemplo/posts/9001?mibextid=abc",
        "¡VENDO CITAS para pasaporte en Los Ángeles! Citas garantizadas esta semana,"
        " 80 dólares por persona. Info por WhatsApp al (323) 555-0171.", 1, (), 80,
        "(323) 555-0171", times=3,
    ),
    Sample(
        "https://www.facebook.com/groups/vecinos.ejemplo/posts/9002", "Vendo citas para pasaporte en Los Ángeles."
        " Citas garantizadas esta semana, 90 dólares por persona. Info por WhatsApp al (323) 555-0172.", 1, (), 90,
        "(323) 555-0172",
    ),
    Sample(
        "https://x.com/aviso_ejemplo/status/9003", "No se deje engañar: las citas son gratis. Denuncie al que cobra.", 2
    ),
    Sample("Cartel en una papelería junto a la oficina", "Tramitamos su cita del consulado. Pregunte aquí.", 2, (), 40,
           "213 555 0173", Platform.PAPER),
    Sample("https://citas-rapidas.example/los-angeles", "Guaranteed consulate appointments. Deposit required.", 3,
           (S.CONFIRMED,), 120, "ventas@citas-rapidas.example"),
    Sample("https://www.instagram.com/p/ejemplo9005/", "Te consigo tu cita. Cupo limitado, manda inbox.", 5,
           (S.CONFIRMED,), 60),
    Sample("https://www.facebook.com/ejemplo.comida/posts/9006", "Tamales y atole los domingos.", 6, (S.REFUSED,)),
    Sample("https://www.facebook.com/groups/citas.ejemplo/posts/9007", "Saco citas para matrícula. 50 dólares.", 9,
           (S.CONFIRMED, S.REPORTED), 50, "(323) 555-0174"),
    Sample("https://x.com/citas_ejemplo/status/9008", "Citas express, último lugar. 70 dólares.", 12,
           (S.CONFIRMED, S.REPORTED, S.REMOVED), 70),
    Sample("https://www.tiktok.com/@ejemplo/video/9009", "Mi contacto en el consulado te da cita.", 15,
           (S.CONFIRMED, S.REPORTED, S.KEPT)),
    Sample("https://t.me/citas_ejemplo/9010", "Gestoría: cita urgente, depósito en OXXO.", 16,
           (S.CONFIRMED, S.REPORTED, S.DECLINED), 45),
    Sample("https://www.facebook.com/groups/citas.ejemplo/posts/9011", "Vendo cita para mañana, 100 dólares.", 20,
           (S.CONFIRMED, S.REPORTED, S.REMOVED, S.REAPPEARED), 100, "(323) 555-0175"),
)  # fmt: skip


def make(users: dict[str, User], now: datetime) -> None:
    """Nothing is done once they are there."""
    reviewer, senior = users.get("reviewer"), users.get("senior_reviewer")
    if reviewer is None or senior is None or Post.objects.exists():
        return
    first = now - len(BY_WEEK) * WEEK
    for week, number in enumerate(BY_WEEK):
        for place in range(number):
            _old(week, place, first + week * WEEK + place * DAY / 2, reviewer)
    for sample in SAMPLES:
        _sample(sample, now, reviewer)
    end = first + (BASELINE_WEEKS - 1) * WEEK
    choose_baseline(first=first.date(), last=end.date(), note=NOTE, by=None, now=now)


def _old(week: int, place: int, at: datetime, by: User) -> None:
    number = 100 * week + place
    where, platform = SITES[number % len(SITES)]
    price = 40 + 10 * (number % 7)
    words = OLD_WORDS[(week + place) % len(OLD_WORDS)].format(price=price, number=number % 100)
    told = Told(where=where.format(number=number), platform=platform, words=words, price=Decimal(price))
    post = tell(told=told, source=NoticeSource.PAGE, now=at)[1].post
    # The platforms answer more often as the weeks go by.
    after = S.KEPT if (number * 7) % 10 >= 4 + week // 4 else S.REMOVED
    _steps(post, (S.CONFIRMED, S.REPORTED, after), at, DAY * max(1, 4 - week // 6) / 2, by)


def _sample(sample: Sample, now: datetime, by: User) -> None:
    at = now - sample.days * DAY
    told = Told(
        where=sample.where, words=sample.words, platform=sample.platform, contact=sample.contact,
        price=None if sample.price is None else Decimal(sample.price), seen_on=at.date(),
    )  # fmt: skip
    for time in range(sample.times):
        notice = tell(told=told, source=NoticeSource.PAGE, now=at + time * DAY / 8)[1]
    _steps(notice.post, sample.steps, at, sample.days * DAY / (len(sample.steps) + 1), by)


def _steps(post: Post, steps: tuple[PostState, ...], at: datetime, every: timedelta, by: User) -> None:
    if steps and steps[0] == S.CONFIRMED:
        Post.objects.filter(pk=post.pk).update(ground=Ground.SELLS, excerpt=post.words)
    was = S.RECEIVED
    for number, became in enumerate(steps, start=1):
        PostEvent.objects.create(
            post=post, at=at + number * every, was=was, became=became, actor=by, reason="Dato de muestra."
        )
        was = became
