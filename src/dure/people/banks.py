"""Banks of Korea by the three digits that all of them use, and the lengths of IBANs."""

from __future__ import annotations

# Of the Korea Financial Telecommunications and Clearings Institute: Korean and English names.
KR_BANKS: dict[str, tuple[str, str]] = {
    "002": ("KDB산업은행", "KDB Bank"),
    "003": ("IBK기업은행", "Industrial Bank of Korea"),
    "004": ("KB국민은행", "KB Kookmin Bank"),
    "007": ("수협은행", "Suhyup Bank"),
    "011": ("NH농협은행", "NH NongHyup Bank"),
    "012": ("농축협", "Local NongHyup"),
    "020": ("우리은행", "Woori Bank"),
    "023": ("SC제일은행", "SC First Bank"),
    "027": ("한국씨티은행", "Citibank Korea"),
    "031": ("iM뱅크(대구)", "iM Bank (Daegu)"),
    "032": ("부산은행", "Busan Bank"),
    "034": ("광주은행", "Gwangju Bank"),
    "035": ("제주은행", "Jeju Bank"),
    "037": ("전북은행", "Jeonbuk Bank"),
    "039": ("경남은행", "Kyongnam Bank"),
    "045": ("새마을금고", "Saemaul Geumgo (KFCC)"),
    "048": ("신협", "Shinhyup (credit unions)"),
    "050": ("저축은행", "Savings banks"),
    "054": ("HSBC은행", "HSBC Korea"),
    "055": ("도이치은행", "Deutsche Bank Seoul"),
    "064": ("산림조합", "Forestry cooperatives"),
    "071": ("우체국", "Korea Post"),
    "081": ("하나은행", "Hana Bank"),
    "088": ("신한은행", "Shinhan Bank"),
    "089": ("케이뱅크", "K bank"),
    "090": ("카카오뱅크", "KakaoBank"),
    "092": ("토스뱅크", "Toss Bank"),
}

# Letters of an IBAN by its country, as SWIFT's registry has them.
IBAN_LETTERS: dict[str, int] = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22,
    "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28,
    "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23,
    "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26,
    "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20,
    "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30,
    "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22,
    "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "ST": 25, "SV": 28,
    "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip


def name_bank(code: str, *, language: str) -> str:
    """What people call the bank; a code that is none of these stays a code."""
    korean, english = KR_BANKS.get(code, (code, code))
    return korean if language.startswith("ko") else english


def has_right_checksum(iban: str) -> bool:
    """ISO 13616: with the first four signs last and letters as 10 to 35, it leaves 1 by 97."""
    turned = iban[4:] + iban[:4]
    return int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1
