"""How the languages of a script are told apart: words of each that stand in nearly every sentence, and letters that others of its script lack.

The words are the commonest of the lists of stopwords-iso 0.7.1 (https://github.com/stopwords-iso), and of further languages such as it has for their neighbours.
"""

from __future__ import annotations

# fmt: off
WORDS: dict[str, dict[str, str]] = {  # script -> language -> words that nearly every sentence has
    "LATIN": {
        "en": "a an on at with by the of and to is in it that was for what how with are this you be from not have do does which who",
        "de": "der die das und ist nicht ein eine ich zu mit den von wie auf für sie es was wird sind kann im dem",
        "fr": "le la les des est et une que pour dans pas qui du je vous il sur comment avec ce sont au",
        "es": "el la los las es y una que para en por no del se con cómo como un lo su está más qué al",
        "it": "il di che è la per non una un con sono come del della si gli le nel al ho mi cosa anche",
        "pt": "o de que não uma um para com os as em do da é no na como se por mais ao você está",
        "ca": "el la de que i a els les no una és per amb en un del com què al es",
        "nl": "de het een van en is ik niet dat je op te voor met zijn er hoe wat wordt aan ook deze",
        "sv": "och att det är som en på för av inte jag med den till har ett om hur vad kan sig",
        "da": "og at det er en på for af ikke jeg med den til har et der som hvordan hvad kan sig også",
        "no": "og det er en på for av ikke jeg med den til har et som hva hvordan kan seg eller å",
        "fi": "ja on ei se että oli mutta ovat kun miten mitä hän tai olla minä tämä niin ole kuin joka",
        "et": "on ja ei see et oli kui kuidas mis ka ta mida või ma oma kas ning aga saab",
        "pl": "nie się w na i do to jest że z jak co o czy po dla od są być przez mnie",
        "cs": "je se na to že v jak co s do ne jsem ale pro jsou by za si které nebo může",
        "sk": "je sa na to že v ako čo s do nie som ale pre sú by za si ktoré alebo môže",
        "sl": "je in se na da za ne v ki so kako kaj ali pa z tudi od bi ni lahko",
        "hr": "je se i u na da ne za su što kako od sam s ali koji to bi nije ili",
        "hu": "a az és nem hogy egy is van ez meg mi csak de ha mit el kell vagy volt hogyan",
        "ro": "și nu în de la o este un care pe cu să din ce cum mai pentru sunt că au se",
        "lv": "un ir ka nav kas ar no uz par es kā to bet tas lai vai tika pie var",
        "lt": "ir yra ne kad tai kaip su iš į kas aš bet ar buvo jis už po dėl ką",
        "tr": "bir ve bu için ne da de mi nasıl çok olarak ile var değil daha gibi kadar ben olan ama",
        "vi": "là và của có không được cho tôi trong một những với này người như thế nào các để khi",
        "id": "yang dan di dengan untuk tidak ini itu dari dalam apa saya pada adalah akan bagaimana atau ke ada",
        "tl": "ang ng sa na ay mga ko at hindi ako ito si may ka mo ba kung para",
        "sw": "na ya wa kwa ni katika za la hii kama hiyo cha yake lakini",
        "af": "die en is nie van het in 'n ek wat vir dit om met sy hoe jy kan",
        "sq": "të në dhe është e një që për me nuk i nga si më ka së do",
        "eu": "eta da ez bat dira du hau zer ere nola baina izan zen ditu dute",
        "gl": "o a de que e non unha un para con os as en do da é no na como máis",
    },
    "CYRILLIC": {
        "ru": "и в не на что это как с я он а по но для из к у за так от все",
        "uk": "і в не на що це як з я він а по але для до у за та від є чи",
        "bg": "и в не на че това как с да от за се е са по но ще си какво",
        "sr": "је и у на да не за су што како од сам са али који то би није или",
        "mk": "и во не на дека ова како со да од за се е го што ќе тоа ли",
        "be": "і ў не на што гэта як з я ён а па але для да за ад ці у",
        "kk": "және бұл мен бір үшін да де деп не емес болып қалай бар сол",
    },
    "ARABIC": {
        "ar": "في من على أن هو ما لا إلى هذا كيف هل التي عن مع كان",
        "fa": "و در به از که این را با است برای آن چه من هم یک",
        "ur": "کے میں کی ہے اور کا کو سے نے پر یہ کیا ہیں اس",
    },
    "DEVANAGARI": {
        "hi": "के में है की और का को से ने यह क्या पर हैं नहीं कैसे",
        "mr": "आहे आणि या मध्ये ते नाही हे की तो काय मी होते",
    },
}
LETTERS: dict[str, str] = {  # language -> letters that others of its script don't have, or seldom
    "tr": "ğış", "vi": "ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợơụủứừửữựưđỳỵỷỹ", "pl": "łąęśźż", "cs": "řěů", "hu": "őű", "ro": "țșăţ",
    "es": "ñ¿¡", "pt": "ãõ", "de": "ß", "hr": "đ", "sk": "ľĺŕ", "lv": "āēīļņģķ", "lt": "ėįų", "uk": "іїєґ", "sr": "ђћљњџј",
    "mk": "ѓќѕ", "be": "ў", "kk": "әғқңөұүһі", "ru": "ыэё", "bg": "ъ", "fa": "پچژگکی", "mr": "ळ", "ur": "ٹڈڑےکیگچپ",
}
SCRIPTS: dict[str, str] = {  # first word of a letter's name in Unicode -> the language that most of its texts are in
    "CJK": "zh", "HANGUL": "ko", "JAPANESE": "ja", "CYRILLIC": "ru", "ARABIC": "ar", "DEVANAGARI": "hi", "HEBREW": "he", "GREEK": "el", "THAI": "th",
    "BENGALI": "bn", "TAMIL": "ta", "TELUGU": "te", "GEORGIAN": "ka", "ARMENIAN": "hy",
}
# fmt: on
