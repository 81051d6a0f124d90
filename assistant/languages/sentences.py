"""What learners who ask in another language than English are told, in their language: one fixed sentence."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Sentences:
    """What is said in one of the languages that are read."""

    name: str  # in English
    read: str
    unread: str


@dataclass(frozen=True)
class Note:
    """A sentence with what HTML is told of it."""

    text: str
    lang: str
    dir: Literal["ltr", "rtl"] = "ltr"


SENTENCES = {
    "ar": Sentences(
        "Arabic",
        "تمت قراءة سؤالك بالعربية، وكل ما يلي بالإنجليزية.",
        "لا تُقرأ هنا حاليًا الأسئلة المكتوبة بالعربية. يُرجى طرح سؤالك بالإنجليزية.",
    ),
    "de": Sentences(
        "German",
        "Deine Frage wurde auf Deutsch gelesen; alles Weitere ist auf Englisch.",
        "Fragen auf Deutsch werden hier zurzeit nicht gelesen. Bitte frage auf Englisch.",
    ),
    "es": Sentences(
        "Spanish",
        "Tu pregunta se ha leído en español; todo lo que sigue está en inglés.",
        "Por el momento aquí no se leen preguntas en español. Por favor, pregunta en inglés.",
    ),
    "fr": Sentences(
        "French",
        "Votre question a été lue en français ; tout ce qui suit est en anglais.",
        "Les questions en français ne sont pas lues ici pour le moment. Merci de poser votre question en anglais.",
    ),
    "it": Sentences(
        "Italian",
        "La tua domanda è stata letta in italiano; tutto ciò che segue è in inglese.",
        "Al momento qui non si leggono domande in italiano. Per favore, fai la domanda in inglese.",
    ),
    "ja": Sentences(
        "Japanese",
        "ご質問は日本語のまま読み取りました。以下の内容はすべて英語です。",
        "現在、ここでは日本語の質問は読み取れません。英語で質問してください。",
    ),
    "ko": Sentences(
        "Korean",
        "질문을 한국어로 읽었습니다. 아래 내용은 모두 영어입니다.",
        "지금은 여기서 한국어 질문을 읽지 못합니다. 영어로 질문해 주세요.",
    ),
    "nl": Sentences(
        "Dutch",
        "Je vraag is in het Nederlands gelezen; alles hieronder is in het Engels.",
        "Vragen in het Nederlands worden hier op dit moment niet gelezen. Stel je vraag alsjeblieft in het Engels.",
    ),
    "pl": Sentences(
        "Polish",
        "Twoje pytanie zostało odczytane po polsku; wszystko poniżej jest po angielsku.",
        "Pytania po polsku nie są tu obecnie odczytywane. Proszę, zadaj pytanie po angielsku.",
    ),
    "pt": Sentences(
        "Portuguese",
        "Sua pergunta foi lida em português; tudo o que segue está em inglês.",
        "No momento, perguntas em português não são lidas aqui. Por favor, pergunte em inglês.",
    ),
    "ru": Sentences(
        "Russian",
        "Ваш вопрос прочитан по-русски; всё, что ниже, — на английском языке.",
        "Вопросы на русском языке здесь сейчас не читаются. Пожалуйста, спросите по-английски.",
    ),
    "th": Sentences(
        "Thai",
        "เราอ่านคำถามของคุณเป็นภาษาไทยแล้ว เนื้อหาต่อไปนี้ทั้งหมดเป็นภาษาอังกฤษ",
        "ขณะนี้ที่นี่ไม่สามารถอ่านคำถามภาษาไทยได้ โปรดถามเป็นภาษาอังกฤษ",
    ),
    "tr": Sentences(
        "Turkish",
        "Sorunuz Türkçe olarak okundu; aşağıdaki her şey İngilizcedir.",
        "Türkçe sorular şu anda burada okunmuyor. Lütfen sorunuzu İngilizce sorun.",
    ),
    "zh-Hans": Sentences(
        "Chinese",
        "您的问题已按中文读取；以下内容均为英文。",
        "目前这里无法读取中文问题。请用英文提问。",
    ),
    "zh-Hant": Sentences(
        "Chinese",
        "您的問題已以中文讀取；以下內容均為英文。",
        "目前這裡無法讀取中文問題。請用英文提問。",
    ),
}
RIGHT_TO_LEFT = {"ar"}


def note_of(language: str, *, read: bool, installed: bool) -> Note:
    """Return what a learner is told whose question is in another language than English.

    Args:
        language: its BCP 47 tag.
        read: whether the question was read.
        installed: whether questions in other languages can be read here.
    """
    known = SENTENCES.get(language)
    if known is not None:
        return Note(known.read if read else known.unread, language, "rtl" if language in RIGHT_TO_LEFT else "ltr")
    names = sorted({each.name for each in SENTENCES.values()})
    also = f" and {', '.join(names[:-1])} and {names[-1]}" if installed else ""
    return Note(
        f"This seems to be in a language that I do not read. I read English{also}. Please ask in English.", "en"
    )
