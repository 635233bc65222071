//! The texts of the bank's page in Uzbek, in Latin script.

use super::BankTexts;

pub(super) static UZ: BankTexts = BankTexts {
    // An order
    lead: "Bankka toʻlov topshirigʻi bering va u bilan nima boʻlishini kuzating. Bank oʻzini \
        qanday tutishi oluvchining hisob raqamiga bogʻliq.",
    new_order: "Toʻlov topshirigʻi",
    new_order_about: "Nima boʻlishini oluvchi hisob raqamining oxirgi toʻrt raqami hal qiladi.",
    ending: "Bank nima qiladi",
    show_line: "Koʻrsatish",
    line_order: "Topshiriq berish",
    line_status: "Holatini soʻrash",
    ending_good: "qabul qiladi va oʻtkazadi",
    ending_no_account: "rad etadi: 1013, bunday hisob yoʻq",
    ending_no_bank: "rad etadi: 1014, bank tizimda yoʻq",
    ending_critical: "rad etadi: 2222, jiddiy xato",
    ending_system_error: "qabul qiladi, lekin 1111 deb javob beradi",
    ending_hangs: "qabul qiladi, lekin javob bermaydi",
    ending_broken: "qabul qiladi, lekin javob uzilib qoladi",
    ending_stays: "qabul qiladi va hech qachon oʻtkazmaydi",
    ending_deleted: "qabul qiladi, keyin oʻchiradi",
    // Orders
    orders: "Oxirgi topshiriqlar",
    orders_empty: "Hali topshiriq yoʻq. Yuqoridagi qator bilan bering va sahifani yangilang.",
    order_id: "Topshiriq",
    time: "Vaqt",
    service: "Xizmat",
    state: "Holati",
    state_entered: "qabul qilindi",
    state_posted: "oʻtkazildi",
    state_deleted: "oʻchirildi",
    // Services
    services_about: "Band summa qabul qilingan, lekin hali oʻtkazilmagan topshiriqlarniki.",
    name: "Nomi",
    available: "Mavjud",
    reserved: "Band",
    card_required: "topshiriqda karta koʻrsatiladi",
    // Carrying out
    settling: "Kechikish va nosozliklar",
    settling_about: "Hisob raqami qanday boʻlmasin, nosozlik keyingi topshiriqlarda yuz beradi.",
    wait: "Topshiriq oʻtkaziladi",
    set: "Oʻrnatish",
    at_once: "darhol",
    seconds: "{} soniyadan keyin",
    fault_hang: "qabul qilinadi, lekin javob kelmaydi",
    fault_broken: "qabul qilinadi, lekin javob uzilib qoladi",
    fault_unavailable: "HTTP 503, hech narsa bajarilmaydi",
    fault_delete: "navbatdagi topshiriq oʻchiriladi",
    // JSON
    json_bank: "kechikish va nosozliklar; boshqa kechikish",
    json_faults: "nosozlik qoʻshish; hammasini olib tashlash",
    json_incoming: "xizmatga pul keladi",
};
