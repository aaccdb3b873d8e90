"""Words whose full stop does not end a sentence, without it and in lower case, for the languages that use full stops."""

from __future__ import annotations

from typing import Final

_ALWAYS = (
    # English
    """mr mrs ms dr prof sr jr st mt ft vs inc ltd corp dept approx est e.g i.e a.m p.m u.s u.k u.n u.s.a ph.d gov capt
    col gen lt maj sgt hon rev messrs"""
    # Spanish, Portuguese, Italian, French, Romanian, Catalan
    """ sra srta dra lic ing arq ud uds vd vds avda pág págs núm tel ext ee.uu s.a s.l p.ej ej aprox admón depto cía
    exmo exma sig sigg dott dott.ssa mme mlle env av apt etaj jud nr dl dna dlui"""
    # German, Dutch, Nordic
    """ bzw z.b d.h u.a usw evtl ggf inkl zzgl vgl hr fr dipl mag str bspw o.ä s.o s.u i.d.r z.t bijv d.w.z o.a dhr mw
    jl bl osv f.eks bl.a t.ex dvs"""
    # Polish, Czech, Hungarian, Turkish
    """ ul al tzn tzw itp itd np mgr inż hab pl dra tzv např resp tj atd ing mudr judr stb pl ún dr.med prof.dr vb vd sn
    cad sok mah apt yrd doç"""
    # Russian, Ukrainian, Bulgarian, Greek
    """ г гг им ул т.д т.п т.е т.к см стр др тыс млн млрд руб коп обл пос просп д.м.н к.м.н напр вул ім грн кв κ κα κος
    π.χ κ.λπ κ.ά βλ αρ οδ τηλ δηλ μ.χ"""
    # Arabic, Hebrew
    """ د أ م ص ت ه"""
)

_BEFORE_NUMBER = """no nos nr núm num n p pp pg pág págs vol fig figs eq sec sect art arts ch chap cap cf al ca co ed tel ext rm apt
    jan feb mar apr jun jul aug sep sept oct nov dec ene abr ago dic genn febr okt dez abs kap bd ziff § ст п пп рис
    табл гл č čl bod str αρ άρθ σ σελ"""

_MONTHS = """januar jänner februar märz april mai juni juli august september oktober november dezember jahrhundert jh
    ledna února března dubna května června července srpna září října listopadu prosince stoletja storočia
    januára februára marca apríla mája júna júla augusta septembra októbra novembra decembra
    január február március április május június július augusztus szeptember október december
    tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta
    joulukuuta"""

ALWAYS: Final = frozenset(_ALWAYS.split())
"""Never the end of a sentence."""

BEFORE_NUMBER: Final = frozenset(_BEFORE_NUMBER.split())
"""Not the end of a sentence when a number follows."""

MONTHS: Final = frozenset(_MONTHS.split())
"""What follows an ordinal such as `3.` without a new sentence beginning."""
