"""The pages that every citizen can open. A room adds its own line when its page needs no arguments and no sign-in."""

PUBLIC_PAGES = [
    "home",
    "help",
    "contact",
    "free",
    "privacy",
    "accessibility",
    "status",
    "search",
    "office_list",
    "procedure_list",
    "tours",
    "releases",
    "releases_subscribe",
    "open_data",
    "sign_in",
    "emergencies",
    "waiting_join",
    "waiting_days",
    "helpers",
    "device_join",
    "advert_tell",
    "advert_receipt",
    "advert_figures",
    "free_kit",
    "charged",
    "charged_thanks",
    "fairness_figures",
    "figures",
    "figures_meanings",
    "patterns",
]
# These are for developers; of the page of patterns the words are samples.
NOT_FOR_CITIZENS = {"patterns", "open_data"}
CITIZEN_PAGES = [name for name in PUBLIC_PAGES if name not in NOT_FOR_CITIZENS]
