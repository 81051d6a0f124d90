"""Function words of languages in Latin letters: cheap evidence of another language than English.

Words are left out that stand in learners' English too: English words ("die", "comment"), names of variables and
functions ("del", "var"), words of formulas ("y"), and Latin ("et", "non", "per").
"""

from collections import Counter
from collections.abc import Iterable, Sequence


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Hindi and Urdu in Latin letters, which no classifier here knows; the tag is of BCP 47.
ROMANISED = {
    "hi-Latn": _words(
        "kya kyu kyun kyon kyo kyunki kaise kaisi kab kahan kaun kitna kitne kitni hai hain hota hote hoti hona hone "
        "hoga jata jate jati jaata jaate jaati jaye raha rahe rahi karta karte karti karna karne kare karo karu karein "
        "kiya ka ki ke ko se mein nahi nahin nhi aur yeh woh agar lekin magar toh sab sabhi saare sare jab tab zyada "
        "jyada kuch bhi chahiye sakta sakte sakti mujhe mera meri mere iska iske isse uska wala wale jaise jaisa liye "
        "diya gaya gayi hua hui batao samajh matlab"
    ),
}
OTHERS = {
    "de": _words(
        "warum wieso weshalb wie ist sind wird werden wurde nicht kein keine keinen ein eine einen einem einer der das "
        "dass und oder aber wenn mit für von vom zum zur bei beim auf aus auch nur noch mein meine meinen ich wir sie "
        "mir dir haben habe hatte kann können muss müssen soll sollte doch nach über durch welche welcher welches wann "
        "wo wozu woran sich immer den dem bitte viele"
    ),
    "es": _words(
        "por qué que porque cómo cuál cuándo cuántas cuántos cuantas cuantos dónde está están el la los las una unos "
        "unas pero si su sus mi mis para en les nos cuando más muy ya todo todos todas este esta esto esa ese hay "
        "puede puedo tiene hacer es de se un"
    ),
    "fr": _words(
        "pourquoi est-ce qu'est c'est n'est qu'il les le la une des du ou où mais dans avec pour pas ne je nous vous "
        "il elle ils elles mon ma mes ce cette ces sont est quand quel quelle quels plus très tout tous toutes être "
        "avoir fait faut aux au quoi d'un d'une que qui de un"
    ),
    "it": _words(
        "perché perche cosa quale quali quando dove è sono il la gli le una della dei delle che chi ma se con tra nel "
        "nella più anche questo questa tutti tutte mio mia posso quanti serve servono di un"
    ),
    "nl": _words(
        "waarom hoe wat welke wanneer waar het een en maar niet geen zijn wordt worden ik je wij mijn dit dat deze "
        "met voor van naar bij ook nog als dan kan moet alle allemaal hebben heeft hoeveel de"
    ),
    "pl": _words(
        "dlaczego jak czy kiedy gdzie który która które jest są nie się na że ale jeśli mój moja dla po przez przy "
        "wszystkie może można mam tylko co ile jaki jaka"
    ),
    "pt": _words(
        "por que porque qual quando onde é são está uma da dos das nas mas se não com para meu minha isso este esta "
        "todos todas mais muito já eu você tem pode posso ser fazer quantos quantas de um na os"
    ),
    "tr": _words(
        "neden niçin nasıl ne nedir mi mı mu mü bir ve veya ama için bu çok daha hangi kaç her tüm bütün değil olan "
        "olarak olur gibi kadar benim yarar"
    ),
    "sv": _words("varför hur vad är inte och att det som för jag på av ett alla också blir när"),
    "no": _words("hvorfor hvordan hva hvad er ikke og det som jeg på av den de alle også når"),
    "fi": _words("miksi miten mikä ei ja että ovat kaikki kun jos onko mitä"),
    "cs": _words("proč jak co je není že se na všechny když pokud nebo mám"),
    "hu": _words("miért hogyan az és nem hogy egy van minden ha mi"),
    "ro": _words("ce cum este sunt nu și să care cu toate când dacă pe"),
    "id": _words("mengapa kenapa bagaimana apa apakah yang tidak dan dari untuk dengan adalah ini itu semua saya bisa"),
    "tl": _words("bakit paano ano ang ng mga hindi na ay ito lahat ba ko"),
    "vi": _words("tại sao làm thế nào gì là không các có một và của cho khi nếu này được học tai khong cac nhu"),
    "sw": _words("kwa nini ni ya wa katika hii hiyo je gani vipi lakini ili kama wakati zote wote kila naweza ngapi"),
    "eo": _words("kial ĉu cxu kiel kio kion kiu kiom estas la ne ĉiuj kaj de se mi povas oni pli"),
}
ALL = frozenset().union(*ROMANISED.values(), *OTHERS.values())
LEAST = 2  # different words
SHARE = 0.25  # of all words


def counted(words: Iterable[str]) -> Counter[str]:
    """Return of each language how many different function words of it are among words in small letters."""
    present = frozenset(words)
    counts = {language: len(present & own) for language, own in (ROMANISED | OTHERS).items()}
    return Counter({language: count for language, count in counts.items() if count})


def speaks_for(words: Sequence[str], count: int, share: float = SHARE) -> bool:
    """Say whether so many different function words speak for their language in a text of these words."""
    return count >= LEAST and count >= share * len(words)
