"""The sentences behind the codes of a procedure:

what to bring, who must come, how to get what is not booked here.
"""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .models import Procedure

REQUIRES: dict[str, str | Promise] = {
    "address_proof": _("Proof of your address in the United States, no more than three months old."),
    "application_form": _("The application form, filled in. The consulate gives it to you."),
    "articles_of_incorporation": _("The deed that founded the company."),
    "attorney_in_fact_data": _("Full name and address of the person who will receive the power of attorney."),
    "birth_certificate_mx": _("Your Mexican birth certificate."),
    "board_resolution": _("The minutes in which the company decided to grant the power."),
    "both_parents_present": _("Both parents must come with the child. If one cannot come, ask about form OP-7 first."),
    "child_id": _("A document with a photo of the child, for example from the school or the doctor."),
    "child_nationality_proof": _("Proof that the child is Mexican: birth certificate, passport or declaration."),
    "copies": _("Copies of the document."),
    "curp_if_known": _("The CURP, if you have one."),
    "death_certificate": _("The death certificate."),
    "emergency_proof": _("Proof of the emergency: a medical letter, a death certificate or a summons."),
    "foreign_naturalization_certificate": _("The certificate of your other nationality."),
    "foreign_passport": _("Your passport, valid."),
    "goods_list_four_copies": _("The list of your household goods, in four copies."),
    "legal_residence_proof": _("Proof that you live here legally, or the stamp of your entry."),
    "nationality_proof": _("Proof that you are Mexican: birth certificate, passport or consular ID card."),
    "op7_form": _("Form OP-7. The consulate gives it to you."),
    "original_document": _("The original document."),
    "parent_birth_certificate_mx": _("The Mexican birth certificate of the father or the mother."),
    "parents_marriage_certificate_if_any": _("The parents' marriage certificate, if they are married."),
    "parents_photo_id": _("An official ID with photo of the father and of the mother."),
    "passport": _("Your passport, valid."),
    "payment": _("Money to pay for the document at the consulate. The appointment itself is free."),
    "pension_number": _("The number of your pension."),
    "photo_id": _("An official ID with photo. Its data must match your birth certificate."),
    "photograph": _("A recent photograph."),
    "photographs": _("Recent photographs. Ask the consulate about their size."),
    "police_report_if_lost": _("The police report, if your passport was lost or stolen."),
    "previous_passport": _("Your earlier Mexican passport."),
    "property_data_if_special": _("The data of the property, if the power is about a house or land."),
    "request_letter": _("A letter with your request."),
    "residence_abroad_proof": _("Proof that you have lived outside Mexico."),
    "solvency_proof": _("Proof of income: bank statements or pay slips."),
    "two_witnesses": _("Two adult witnesses must come with you."),
    "us_birth_certificate": _("The birth certificate issued in the United States."),
    "us_death_certificate": _("The death certificate issued in the United States."),
    "visa": _("Your Mexican visa."),
    "visa_application_form": _("The visa application, printed and signed."),
    "witness_photo_id": _("An official ID with photo of each witness."),
}

COMPANIONS: dict[str, str | Promise] = {
    "both_parents": _("Both parents must come."),
    "both_parents_or_guardians": _("Both parents, or the guardians, must come with the child."),
    "one_parent_or_guardian": _("The absent parent or guardian must come."),
    "two_witnesses": _("Two adult witnesses must come."),
}

HOW_TO: dict[str, list[str | Promise]] = {
    "ask_office": [
        _("This procedure is not booked here. Ask your consulate for a date, by phone or e-mail."),
        _("Say your name, the procedure, and on which days you can come."),
    ],
    "walk_in": [
        _("You do not need an appointment. Go to your consulate in the morning, on a weekday."),
        _("Before you travel, confirm the hours with your consulate."),
    ],
    "walk_in_or_online": [
        _("You do not need an appointment. Go to your consulate in the morning, on a weekday."),
        _("You can also order the certificate on the internet, at gob.mx/ActaNacimiento."),
    ],
    "depends": [
        _("Each consulate does it in its own way: with or without an appointment."),
        _("Ask your consulate before you go."),
    ],
    "emergency": [
        _("If your emergency is real and you can prove it, do not wait for an appointment."),
        _("Write to your consulate or call it. Say what happened and when you must travel."),
        _("A consular officer decides. The document costs 30 percent more."),
    ],
    "protection": [
        _("You never need an appointment for protection. Go to your consulate, or call at any hour."),
        _("The line 520 623 7874 answers day and night, all year."),
        _("Your migratory status does not matter. The advice is free."),
    ],
}

PASSPORT_FEES = _("It costs 101 dollars for 3 years, 137 for 6 years and 209 for 10 years. From age 60 you pay half.")
CHILD_PASSPORT_FEES = _(
    "It costs 44 dollars for 1 year (only for children under 3), 101 for 3 years and 137 for 6 years."
)
FEE_NOTES: dict[str, str | Promise] = {
    "passport-adult-first": PASSPORT_FEES,
    "passport-adult-renewal": PASSPORT_FEES,
    "passport-minor-first": CHILD_PASSPORT_FEES,
    "passport-minor-renewal": CHILD_PASSPORT_FEES,
    "birth-registration": _("The registration is free. Certified copies are paid."),
    "will": _("This is the full fee. Mexicans paid half in 2024 and 2025; ask your consulate about this year."),
    "visa-ordinary": _("The fee pays for the study of your case. It is not given back if the visa is denied."),
    "passport-emergency": _("It is the fee of a passport plus 30 percent."),
}


def sentences(codes: Iterable[str], table: dict[str, str | Promise]) -> list[str | Promise]:
    """Their sentences, each once; a code without one is left out, and a test keeps the reference data
    complete.
    """
    return list({id(table[code]): table[code] for code in codes if code in table}.values())


def what_to_bring(procedure: Procedure) -> list[str | Promise]:
    """In the order of the procedure, without the people who must come: those are ``who_must_come``."""
    papers = [code for code in procedure.requires if code not in {"both_parents_present", "two_witnesses"}]
    return sentences(papers, REQUIRES)


def who_must_come(procedure: Procedure) -> list[str | Promise]:
    return sentences(procedure.companions, COMPANIONS)


def how_to_get(procedure: Procedure) -> list[str | Promise]:
    """For a procedure that is not booked here: whom to ask. Empty for the others."""
    return HOW_TO.get(procedure.how_to, [])


def fee_note(procedure: Procedure) -> str | Promise:
    return FEE_NOTES.get(procedure.code, "")
