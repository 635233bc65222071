//! The texts of the bank's page in Russian.

use super::BankTexts;

pub(super) static RU: BankTexts = BankTexts {
    // An order
    lead: "Дайте банку платёжное поручение и посмотрите, что с ним станет. Поведение банка \
        зависит от счёта получателя.",
    new_order: "Платёжное поручение",
    new_order_about: "Что произойдёт, решают последние четыре цифры счёта получателя.",
    ending: "Что делает банк",
    show_line: "Показать",
    line_order: "Дать поручение",
    line_status: "Спросить, что с ним",
    ending_good: "принимает и проводит",
    ending_no_account: "отказывает: 1013, нет такого счёта",
    ending_no_bank: "отказывает: 1014, банк не участвует",
    ending_critical: "отказывает: 2222, критическая ошибка",
    ending_system_error: "принимает, но отвечает 1111",
    ending_hangs: "принимает, но не отвечает",
    ending_broken: "принимает, но ответ обрывается",
    ending_stays: "принимает и никогда не проводит",
    ending_deleted: "принимает, потом удаляет",
    // Orders
    orders: "Последние поручения",
    orders_empty: "Поручений пока нет. Дайте поручение строкой выше и обновите страницу.",
    order_id: "Поручение",
    time: "Время",
    service: "Сервис",
    state: "Состояние",
    state_entered: "принято",
    state_posted: "проведено",
    state_deleted: "удалено",
    // Services
    services_about: "Резерв относится к поручениям, которые приняты и ещё не проведены.",
    name: "Название",
    available: "Доступно",
    reserved: "В резерве",
    card_required: "в поручении нужна карта",
    // Carrying out
    settling: "Задержка и сбои",
    settling_about: "Сбой случается со следующими поручениями, каким бы ни был счёт.",
    wait: "Поручение проводится",
    set: "Задать",
    at_once: "сразу",
    seconds: "через {} с",
    fault_hang: "принято, но ответа нет",
    fault_broken: "принято, но ответ обрывается",
    fault_unavailable: "HTTP 503, ничего не сделано",
    fault_delete: "следующее поручение удаляется",
    // JSON
    json_bank: "задержка и сбои; другая задержка",
    json_faults: "добавить сбой; убрать все",
    json_incoming: "на сервис приходят деньги",
};
