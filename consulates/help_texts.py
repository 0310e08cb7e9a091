"""One page of help for each role: what the work is, and how to do each thing. A step shows the picture of its name in
static/img/help (made by tests/browser/test_help_pictures.py); the page is whole without.
"""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consulates.models import Role


class Step(NamedTuple):
    """``name`` is its place on the page (``#roster``) and the name of its picture, where there is one."""

    title: Promise
    text: Promise
    name: str


class Help(NamedTuple):
    work: Promise
    steps: list[Step]


SIGN_IN = Step(
    _("Come in"),
    _(
        "Type your e-mail and password, then the code of your authenticator application. After 15 minutes without"
        " activity the session closes by itself."
    ),
    "sign_in",
)
START = Step(
    _("See what waits for you"),
    _(
        "“Start” lists what is yours today: people, requests, signatures. Each line is a link; what is late stands"
        " in red."
    ),
    "start",
)
PRACTISE = Step(
    _("Practise first"),
    _(
        "On the first page choose “Practice office”. You can try everything there: no citizen sees it and no message"
        " is sent. A yellow band tells you where you are."
    ),
    "practice",
)
CALENDAR = Step(
    _("See the week"),
    _("“Calendar” shows the sessions of your office by day, with their places and how many are taken."),
    "week",
)
PLAN = Step(
    _("Plan"),
    _(
        "Make drafts in “Planning”: by hand, from a template, or copying a week. Before anything is saved you see the"
        " numbers: places added, clashes with holidays, people affected. There you also choose where places go that"
        " people give up: back to everybody, or into your next draw."
    ),
    "planning",
)
PUBLISH = Step(
    _("Publish"),
    _(
        "Citizens see nothing until you publish. For ten minutes you can undo it; what somebody has already taken"
        " stays. Changing hours never cancels an appointment."
    ),
    "publish",
)
OPENINGS = Step(
    _("Announce when places open"),
    _(
        "In “Openings” you write down when places can be booked, and how: first come first served, a queue or a draw. A"
        " second person approves it; then the public reads about it, and nobody edits it any more."
    ),
    "releases",
)
DEMAND = Step(
    _("See where people found no place"),
    _(
        "“Demand” shows where people searched or waited and got nothing, by area and never by person. Try a new"
        " office or stops there: whom they would reach, and which waits become shorter. It also suggests your team's"
        " next tour."
    ),
    "demand",
)
DRAWS = Step(
    _("Give places by queue or by draw"),
    _(
        "After you approve it, nothing is left to do by hand: the lists close at the opening, a public number decides"
        " the order, and each person is told. “The page that the public sees” leads to the proof that anybody can"
        " check. If you must cancel, do it before the opening: the reason goes to everybody in both languages."
    ),
    "draws",
)
ROSTER = Step(
    _("Receive people"),
    _(
        "“The day” lists who comes. Search by reference or scan the code, and mark: arrived, being served, attended,"
        " did not come, another person. Each has one key."
    ),
    "roster",
)
CLOSE = Step(
    _("Close a day"),
    _(
        "In “Closures” you first see how many people have an appointment. Each gets another time proposed; who cannot"
        " be reached is on a list to call. Above 50 appointments a colleague signs too."
    ),
    "closures",
)
CALL = Step(
    _("Book for a caller"),
    _(
        "Find the caller or register them, say aloud the soonest times near them, and book. It counts for the caller,"
        " never for you. Read the reference out letter by letter. If nothing suits, “Waiting list” joins it for them,"
        " and “News of openings” tells them when more open."
    ),
    "console",
)
CALLERS = Step(
    _("Openings for who calls"),
    _(
        "“Openings and queues” shows which queues the caller can join, the places that are kept for whoever calls, and"
        " what opens later. You choose the time with them when it is their turn; “Draws” applies for them."
    ),
    "callers",
)
VERIFY = Step(
    _("Know who is calling"),
    _("The number on the screen proves nothing. Send a code to the phone and ask the caller to read it to you."),
    "verify",
)
URGENT = Step(
    _("When it cannot wait"),
    _(
        "For a death, a detention, an illness or a child who travels alone choose “Ask for an urgent appointment”."
        " Write what the caller tells you and by when; an officer answers against a clock. You promise nothing."
    ),
    "urgent",
)
CONFIRM = Step(
    _("Ask people to confirm"),
    _(
        "“Confirm appointments” lists whom no message reaches. The page says what to ask; write what you hear. Accuse"
        " nobody: whoever does not answer keeps the appointment and shows ID at the window."
    ),
    "identity",
)
COMING = Step(
    _("Places that nobody confirmed"),
    _(
        "“Not confirmed” lists who was asked three times and did not answer. Call those who have only a telephone, and"
        " write down what came of it. The office decides what it releases: each person is told and can come back first."
    ),
    "coming",
)
INVITE = Step(
    _("Invite a colleague"),
    _(
        "In “Staff”, write the e-mail, the role and the office. The person gets a link that works for 48 hours,"
        " chooses a password and sets up the second factor."
    ),
    "invite",
)
LEAVE = Step(
    _("When somebody leaves"),
    _(
        "Open the person's page and choose “End this person's access”. All the roles end and every open session closes"
        " at once."
    ),
    "person",
)
LOST = Step(
    _("A lost second factor"),
    _(
        "One of you opens the recovery with a reason and another signs it. Only then does the person get a link, for"
        " one hour. Make sure that it is really them."
    ),
    "recovery",
)
EMERGENCY = Step(
    _("Decide an emergency"),
    _(
        "Read the reason and the proof and decide before the time that the page shows. A yes takes a place of the"
        " same or next day; a no says why and what else helps."
    ),
    "emergencies",
)
SIGN = Step(
    _("Sign for a colleague"),
    _("Some acts need two people. Look at the numbers and the reason yourself; both names stay in the record."),
    "sign",
)
GRANTS = Step(
    _("See what was given outside the public pool"),
    _(
        "“Outside the public pool” counts each place that was not offered to everybody, with who gave it, why and who"
        " signed. Each month a lot draws some decisions: somebody who did not decide them looks at them again."
    ),
    "grants",
)
TOURS = Step(
    _("Take the office to another town"),
    _("In “Tours” write the stops with their days, place and hours. Each day is a draft until you publish the tour."),
    "tours",
)
TRANSFER = Step(
    _("Bring sessions from a file"),
    _("“Import and export” checks the file first and names each line with an error. Nothing is saved by halves."),
    "transfer",
)
CASES = Step(
    _("Decide a case"),
    _(
        "In “Cases” the one with the least time left stands first; “Take the next” gives you one that nobody else has."
        " The page says what speaks against and for the people, and draws how the accounts are linked. You decide with"
        " a reason. More than ten appointments, or one within 48 hours, need a second person."
    ),
    "cases",
)
BLOCK = Step(
    _("Block a contact"),
    _(
        "In “Blocks” you see what was proposed and whom each block would hit. Confirm or reject it, several at once if"
        " you like. It lasts 180 days, the next time a year; appointments that stand stay. A domain needs a second"
        " person."
    ),
    "blocks",
)
APPEAL = Step(
    _("Answer an appeal"),
    _(
        "“Appeals” shows first what has the least time left of 72 hours. Whoever decided does not decide again. The"
        " person reads your answer, so write it plainly. When you lift a block they can book at once; when a"
        " cancellation was a mistake they get their time back, or choose another one before others."
    ),
    "appeals",
)
SECOND_LOOK = Step(
    _("Look again"),
    _(
        "In “Second looks” you decide a closed case again, without seeing how it was decided. One in twenty is drawn by"
        " lot. Nothing changes for anybody unless the two of you differ: then a senior reviewer sees both."
    ),
    "second_looks",
)
HELPERS = Step(
    _("Register a helper"),
    _(
        "“Helpers” shows who books for others without charging and asks to hold up to 15 appointments. Look at who"
        " they are, and write why you register them or not: they read it. It lasts a year and can be withdrawn."
    ),
    "helpers",
)
LANES = Step(
    _("Many people on one device"),
    _(
        "In “Shared devices” add a help day, or a computer in a library, and give its code to whoever is there. On"
        " those devices nobody is asked for a code because others booked there too. The limits for each person stay."
    ),
    "lanes",
)
REPORTS = Step(
    _("Read a report of a charge"),
    _(
        "“Reports” holds what people told without an account. Tie it to a case and say what it is worth, or set it"
        " aside. It changes no score by itself."
    ),
    "reports",
)
ADVERTS = Step(
    _("Read adverts that sell appointments"),
    _(
        "“Adverts” lists what people told of, the most likely first. Confirm it or say why not, and make the file for"
        " the platform. Later note whether it is gone. Nobody is accused by an advert alone."
    ),
    "adverts",
)
RULES = Step(
    _("Change the rules"),
    _(
        "In “Rules” write a draft from those in force and rehearse it: the page says whom it would newly hit, families"
        " and helpers counted. A colleague who may sign publishes it. Published rules never change."
    ),
    "rules",
)
DASHBOARD = Step(
    _("See how well it works"),
    _(
        "“Dashboard” shows bookings and cases, how often each rule was right, how long people waited, and whether some"
        " are suspected wrongly more often than others."
    ),
    "dashboard",
)
RECORD = Step(
    _("Read the record"),
    _("“Who did what” shows every change and every look at personal data. Filter by person, kind, office and days."),
    "audit",
)
EXPORT = Step(
    _("Export the record"),
    _("“Export as CSV” takes what the filter shows. The page asks for your code again, and the export leaves a line."),
    "export",
)
DRAWINGS = Step(
    _("See that a draw is made"),
    _(
        "“Public numbers” shows each queue and draw that waits for its random number. The portal takes it by itself. If"
        " it cannot, two people copy it there from its public page."
    ),
    "drawings",
)

REVIEWING = [CASES, BLOCK, APPEAL, SECOND_LOOK, HELPERS, REPORTS, ADVERTS, RULES, DASHBOARD]

HELP: dict[Role, Help] = {
    Role.PLANNER: Help(
        _("You decide which days and hours have appointments, and publish them."),
        [SIGN_IN, START, PRACTISE, CALENDAR, PLAN, PUBLISH, OPENINGS, DRAWS, TOURS, DEMAND, TRANSFER, LANES],
    ),
    Role.DESK_CLERK: Help(
        _("You receive people at the door and help those who come without an appointment or call."),
        [SIGN_IN, START, PRACTISE, ROSTER, CALL, URGENT, CONFIRM, COMING],
    ),
    Role.PHONE_AGENT: Help(
        _("You book, move and cancel appointments for people who call."),
        [SIGN_IN, PRACTISE, CALL, CALLERS, VERIFY, URGENT, CONFIRM, COMING],
    ),
    Role.OFFICE_MANAGER: Help(
        _("You run the office: its plan, its people, its closures and its emergencies."),
        [
            *[SIGN_IN, START, PRACTISE, CALENDAR, OPENINGS, DRAWS, ROSTER, CONFIRM, COMING, CLOSE, EMERGENCY, SIGN],
            *[DRAWINGS, GRANTS, DEMAND, INVITE, LEAVE, LOST],
        ],
    ),
    Role.NETWORK_COORDINATOR: Help(
        _("You call weekends of the whole network and help offices to plan and to close."),
        [
            SIGN_IN,
            Step(
                _("Call a weekend"),
                _(
                    "“Campaigns” makes drafts in all offices in one act. Each office confirms its hours, and a board"
                    " shows who has confirmed."
                ),
                "campaigns",
            ),
            DEMAND,
            OPENINGS,
            DRAWS,
            CLOSE,
            COMING,
            EMERGENCY,
            SIGN,
            DRAWINGS,
        ],
    ),
    Role.REVIEWER: Help(
        _("You look at appointments that a broker may have made, and decide with reasons that people can appeal."),
        [
            SIGN_IN,
            CALENDAR,
            Step(
                _("Decide with evidence"),
                _("A machine may open a case; only a person cancels or blocks. Write the reason in plain words."),
                "review",
            ),
            *REVIEWING,
        ],
    ),
    Role.SENIOR_REVIEWER: Help(
        _("You review like your colleagues, and you sign what needs two people."),
        [SIGN_IN, START, *REVIEWING, SIGN, DRAWINGS, LOST],
    ),
    Role.AUDITOR: Help(_("You see who did what, and you change nothing."), [SIGN_IN, RECORD, EXPORT, GRANTS]),
    Role.ADMINISTRATOR: Help(
        _("You give roles in all offices and keep the tables. Daily work needs no administrator."),
        [
            SIGN_IN,
            INVITE,
            LEAVE,
            LOST,
            RECORD,
            Step(
                _("The tables themselves"),
                _(
                    "“Administration” shows offices, procedures, sessions and accounts as they are stored. Each"
                    " change asks nobody and leaves a line, so use the daily pages where there is one."
                ),
                "admin",
            ),
        ],
    ),
}
