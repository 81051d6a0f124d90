"""What only greets, thanks or agrees: "thanks!", "ok, got it", "hello everyone". It asks nothing.

A text is courtesy where each of its words may stand in such a one, and one at least says so by itself. Unlike
`assistant.matching.posts.asking.is_courtesy`, which tells the polite sentences of a post from what it asks, this holds
for whole texts: alone, "is that right?" and "can anyone help?" ask.
"""

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that greet, thank or agree by themselves.
THANKS = _words(
    """
    thank thanks thanx thx thnx tnx ty tysm tyvm cheers appreciate appreciated grateful danke dank merci
    gracias grazie obrigado obrigada teşekkürler teşekkür sağol dziękuję dzięki спасибо благодарю 谢谢 谢谢你
    谢谢您 謝謝 謝謝你 謝謝您 ありがとう ありがとうございます ありがとうございました 감사합니다 고마워
    고마워요 고맙습니다 ขอบคุณ ขอบคุณครับ ขอบคุณค่ะ شكرا شكراً
    """
)
OTHERS = _words(
    """
    hi hello hey hiya howdy greetings welcome bye goodbye morning evening afternoon night ok okay oki okey k
    kk alright right sure yes yeah yep yup nope ah aha oh ooh wow hm hmm mhm lol haha cool great nice good
    fine perfect awesome amazing excellent brilliant wonderful fantastic lovely neat super helpful useful
    clear clearer interesting fun got gotcha see understand understood get gets makes helps helped works
    worked noted nevermind love loved done correct agreed true exactly indeed hallo hola bonjour ciao olá
    привет здравствуйте 你好 您好 こんにちは 안녕하세요 مرحبا
    """
)
# Words that go with these.
BESIDE = _words(
    """
    a an the so very much lot lots bunch million ton tons for your this that it its is was are were be you u
    ya i im me my we us all everyone everybody guys folks there team sir madam prof professor teacher mate man
    bro friend friends dear bot assistant askneuron help answer answers answering explanation explanations
    explaining reply response time patience effort work job stuff picture pictures page replay tool idea
    clarification clarifying helping reading sharing in advance now really just totally completely finally and
    but too also then well again anyway kindly super pretty quite know sense to of have has had day one
    weekend week will do s m ve re ll d p xd o p.s love big many more what beaucoup bien schön sehr muchas
    muito mille vielen je wel ederim большое за
    """
)
REFUSALS = frozenset(
    ("no", "no thanks", "no thank you", "no problem", "no worries", "never mind", "all right", "will do")
)
PIECE = re.compile(r"[^\s!-/:-@\[-`{-~…。，、！‘’“”]+")
STRETCHED = re.compile(r"(.)\1{2,}")  # "sooo"
# Words in the order of a question.
ASKS = re.compile(
    r"\?|？|(?:^|[.,;!]|\b(?:and|but|so|ok|okay|then|now|well))\W{0,9}(?:is|are|was|were|do|does|did|has|will|what)\s"
    r"(?!(?:a|do)\b|nice|great|good|wonderful)"
    r"|\bhelp\s+(?:me|us|to)\b|\b(?:to\s+(?:understand|see|get)|love\s+to)\b",
    re.IGNORECASE,
)
MOST_WORDS = 25
CHUNK = re.compile(r"[^.!,;:\n?]*[.!,;:\n)]+\s*")
LED = re.compile(r"(.{2,60}?)\s+(?=(?:and|but|so|then|what|how)\b)", re.IGNORECASE)


def asks_nothing(text: str) -> bool:
    """Say whether a text only greets, thanks or agrees."""
    words = [each for each in PIECE.findall(text.casefold()) if any(sign.isalnum() for sign in each)]
    if not words or len(words) > MOST_WORDS or ASKS.search(text):
        return False
    if " ".join(words) in REFUSALS:
        return True
    known = [_known(each) for each in words]
    return None not in known and not (THANKS | OTHERS).isdisjoint(known)


def thanks(text: str) -> bool:
    """Say whether a text that asks nothing thanks."""
    return any(_known(each) in THANKS for each in PIECE.findall(text.casefold()))


def without_courtesy(text: str) -> str:
    """Return a text that says more without what greets, thanks or agrees at its beginning: "thanks! and with tanh?"."""
    if asks_nothing(text):
        return text
    while (chunk := CHUNK.match(text)) and asks_nothing(chunk[0]):
        text = text[chunk.end() :]
    led = LED.match(text)
    return text[led.end() :] if led and asks_nothing(led[1]) else text


def _known(word: str) -> str | None:
    """Return a word as it is known here, however long its letters were drawn; None of any other."""
    spellings = (word, STRETCHED.sub(r"\1\1", word), STRETCHED.sub(r"\1", word))
    return next((each for each in spellings if each in THANKS | OTHERS | BESIDE), None)
