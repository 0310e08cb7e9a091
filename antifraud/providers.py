"""Domains that are never blocked as a whole: everybody's mail. A mailbox there can be."""

from mexitel.utils.emails import PROVIDERS

_WELL_KNOWN = """
    aol.com aol.es aim.com att.net bellsouth.net btinternet.com cantv.net centurylink.net charter.net comcast.net
    cox.net cs.com daum.net earthlink.net email.com excite.com facebook.com fibertel.com.ar free.fr freenet.de
    frontier.com gmx.com gmx.de gmx.es gmx.net gmx.us hanmail.net hey.com hotmail.co.uk hotmail.com.ar
    hotmail.com.mx hotmail.fr hotmail.it hushmail.com icloud.com.mx inbox.com infinitummail.com iusacell.net
    juno.com laposte.net latinmail.com lavabit.com libero.it live.ca live.cl live.co.uk live.com.ar live.com.pt
    live.fr live.it live.nl lycos.com mail.com mail.ru mailbox.org mailfence.com mchsi.com megacable.com.mx
    mindspring.com naver.com netscape.net netzero.net nauta.cu ntlworld.com online.de optimum.net optonline.net
    orange.es orange.fr outlook.be outlook.cl outlook.com.ar outlook.com.br outlook.com.mx outlook.de outlook.fr
    outlook.it outlook.jp outlook.pt passport.com posteo.de prodigy.net prodigy.net.mx protonmail.ch q.com qq.com
    rediffmail.com roadrunner.com rogers.com rr.com runbox.com sbcglobal.net sfr.fr shaw.ca sky.com startmail.com
    suddenlink.net sympatico.ca t-online.de telcel.com telefonica.net telmexmail.com telus.net terra.com
    terra.com.mx terra.es tuta.com tuta.io tutamail.com tutanota.com tutanota.de twc.com uol.com.br usa.com usa.net
    verizon.net videotron.ca virgilio.it virginmedia.com vodafone.es wanadoo.es web.de windowslive.com
    windstream.net wow.com yahoo.ca yahoo.co.in yahoo.co.jp yahoo.co.uk yahoo.com.ar yahoo.com.br yahoo.com.co
    yahoo.com.pe yahoo.com.ve yahoo.de yahoo.fr yahoo.in yahoo.it yandex.com yandex.ru zoho.com zohomail.com 126.com
    163.com sina.com foxmail.com seznam.cz wp.pl o2.pl interia.pl ukr.net rambler.ru bk.ru list.ru inbox.ru gob.mx
    unam.mx ipn.mx tec.mx itesm.mx udg.mx uanl.mx buap.mx
"""
# Addresses that stand for a mailbox elsewhere: normal mail, and nobody's alone.
_RELAYS = """
    privaterelay.appleid.com duck.com mozmail.com relay.firefox.com simplelogin.com simplelogin.co slmail.me
    aleeas.com addy.io anonaddy.com anonaddy.me passmail.net passinbox.com passfwd.com hidemail.com
"""
SHARED = frozenset(PROVIDERS) | frozenset(_WELL_KNOWN.split()) | frozenset(_RELAYS.split())


def is_everybodys(domain: str) -> bool:
    """Whether ``domain`` (lower case, punycode) or one above it is a provider's."""
    labels = domain.split(".")
    return any(".".join(labels[start:]) in SHARED for start in range(len(labels) - 1))
