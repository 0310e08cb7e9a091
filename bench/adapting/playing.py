"""One arm of one seed, on the database that Django serves from."""

from django.test.utils import override_settings

from bench.adapting.brokers import Broker, brokers_of
from bench.adapting.crowd import Crowd
from bench.adapting.desk import Desk, note_outcomes
from bench.adapting.figures import Figures, figures_of
from bench.adapting.scene import RELEASES, Scene


def play(seed: int, *, size: int, guarded: bool, days: int = RELEASES) -> Figures:
    """``guarded``: the portal as it stands. Otherwise only the lock of five for each account: no step, no engine, no
    reviewer, no other scope, and what is freed can be had at once. No release is hot in either: heat is counted by the
    true clock, which these minutes are not.
    """
    guards = ["antifraud.guards.ask_a_step"] if guarded else []
    with override_settings(BOOKING_GUARDS=guards, HOLD_HEAT=[]):
        scene = Scene(seed, size=size, guarded=guarded, days=days)
        crowd = Crowd(seed, scene)
        brokers = brokers_of(scene, seed)
        if guarded:
            Desk(scene, seed)
            note_outcomes(scene, lambda pk, who: not who.broker or pk in sold(brokers))
        scene.run()
        scene.told["honest parties without a seat"] = crowd.gave_up
    return figures_of(scene, brokers)


def sold(brokers: list[Broker]) -> set:
    """Appointments in the name of somebody who paid and will come."""
    return {place.appointment for broker in brokers for place in broker.places if place.buyer}
