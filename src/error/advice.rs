//! What each error code means and what to do about it: for `Справка` and for the list in `docs`.

use super::Code;

impl Code {
    /// What happened, in Russian and English.
    pub const fn meaning(self) -> (&'static str, &'static str) {
        match self {
            Self::Argument => (
                "Неверный параметр, значение свойства или имя настройки.",
                "A wrong argument, property value or name of an option.",
            ),
            Self::ValueText => (
                "Данные не читаются: ошибка в JSON, в тексте ЗначениеВСтрокуВнутр или в XML.",
                "The data cannot be read: a fault in the JSON, the text of ValueToStringInternal or the XML.",
            ),
            Self::UnsupportedType => (
                "В данных есть значение типа 1С, у которого нет вида в нужном формате.",
                "The data hold a value of a 1C type that has no form in the wanted format.",
            ),
            Self::Validation => (
                "Данные прочитаны, но нарушают правило: например, у товара нет цены.",
                "The data were read but break a rule: a product without a price, for instance.",
            ),
            Self::HttpConnect => (
                "Нет соединения: сервер не найден, не отвечает или оборвал связь.",
                "No connection: the server was not found, does not listen or broke off.",
            ),
            Self::HttpTls => (
                "Не удалось установить защищённое соединение или сервер не прошёл проверку.",
                "No secure connection could be made, or the server failed the check.",
            ),
            Self::HttpTimeout => ("Ответ не пришёл за отведённое время.", "No answer came in time."),
            Self::HttpStatus => (
                "Сервер ответил, но код состояния говорит об ошибке.",
                "The server answered with a status that says failure.",
            ),
            Self::Auth => (
                "Сервер не принял токен, пароль или сертификат.",
                "The server does not accept the credentials.",
            ),
            Self::Limit => (
                "Достигнут предел размера, глубины, количества или времени.",
                "A limit of size, depth, number or time was reached.",
            ),
            Self::Cancelled => ("Работа прервана методом Прервать.", "The work was stopped by Cancel."),
            Self::Storage => (
                "Хранилище обмена не читается или не пишется.",
                "The storage of the exchange cannot be read or written.",
            ),
            Self::Busy => (
                "Объект, файл или хранилище заняты другой работой.",
                "The object, file or storage is taken by other work.",
            ),
            Self::EgaisDocument => (
                "Документ ЕГАИС нарушает схему или правило обмена.",
                "The EGAIS document breaks its schema or a rule of the exchange.",
            ),
            Self::Utm => (
                "УТМ ответил ошибкой или не так, как велит его протокол.",
                "UTM answered with an error or not in its protocol.",
            ),
            Self::File => ("Файл не читается или не пишется.", "The file cannot be read or written."),
            Self::Memory => ("1С не выделила память для результата.", "1C gave no memory for the result."),
            Self::Internal => ("Ошибка в самой компоненте.", "A defect of the add-in itself."),
        }
    }

    /// What the reader should do, in Russian and English.
    pub const fn remedy(self) -> (&'static str, &'static str) {
        match self {
            Self::Argument => (
                "Исправьте вызов: сообщение называет параметр и допустимые значения. Повторять без правки бесполезно.",
                "Correct the call: the message names the parameter and what is allowed. Repeating does not help.",
            ),
            Self::ValueText => (
                "Найдите место по сообщению (позиция, строка, столбец) и исправьте источник. Частая причина — JSON, \
                 собранный сложением строк: передайте ЗначениеВСтрокуВнутр(…) или результат ЗаписатьJSON.",
                "Find the place by the message (position, line, column) and correct the source. A usual cause is JSON made by \
                 joining strings: pass ValueToStringInternal(…) or the result of WriteJSON.",
            ),
            Self::UnsupportedType => (
                "Замените ссылки и объекты строками, числами, датами или булевыми: например, Строка(Ссылка) или \
                 XMLСтрока(Ссылка).",
                "Replace references and objects by strings, numbers, dates or booleans: String(Ref) or XMLString(Ref), for \
                 instance.",
            ),
            Self::Validation => (
                "Исправьте данные: сообщение называет строку или путь. ПроверитьТовары и Проверить находят всё сразу, ничего \
                 не отправляя.",
                "Correct the data: the message names the row or the path. CheckProducts and Check find everything at once and \
                 send nothing.",
            ),
            Self::HttpConnect => (
                "Проверьте адрес, сеть, прокси и брандмауэр с того компьютера, где работает код: у серверного вызова это \
                 сервер 1С. Повтор позже может удаться.",
                "Check address, network, proxy and firewall from the machine where the code runs: of a server call that is the \
                 1C server. Repeating later may succeed.",
            ),
            Self::HttpTls => (
                "Проверьте дату на компьютере и сертификат сервера. Для своего удостоверяющего центра задайте файл PEM \
                 свойством ФайлСертификатовУЦ; проверку отключайте только для опытов.",
                "Check the date of the machine and the server's certificate. For an authority of your own set the PEM file by \
                 CaFile; switch the check off for experiments only.",
            ),
            Self::HttpTimeout => (
                "Повторите позже; если сервер просто медленный, увеличьте Таймаут или уменьшите РазмерПакета.",
                "Repeat later; if the server is merely slow, raise Timeout or lower BatchSize.",
            ),
            Self::HttpStatus => (
                "Прочтите ответ сервера в сообщении и в журнале. 404 и 405 — неверный адрес, 413 — слишком большой \
                 запрос, 5xx — ошибка на стороне сервера.",
                "Read the server's answer in the message and the journal. 404 and 405 mean a wrong address, 413 too large a \
                 request, 5xx a failure of the server.",
            ),
            Self::Auth => (
                "Проверьте токен или пароль и права на стороне сервера. Повторять с теми же данными бесполезно и может \
                 заблокировать учётную запись.",
                "Check the token or password and the rights on the server. Repeating with the same ones is useless and may lock \
                 the account.",
            ),
            Self::Limit => (
                "Сообщение называет предел. Делите данные на части или увеличьте настройку, которая его задаёт.",
                "The message names the limit. Divide the data or raise the setting that it comes from.",
            ),
            Self::Cancelled => (
                "Сделанное осталось сделанным и перечислено в отчёте; остальное можно отправить снова.",
                "What was done stays done and stands in the report; the rest can be sent again.",
            ),
            Self::Storage => (
                "Проверьте место на диске и права на файл. Повреждённый файл не удаляйте: остановите обмен и \
                 восстановите его из копии (руководство, раздел «Резервное копирование»).",
                "Check disk space and rights of the file. Do not delete a damaged file: stop the exchange and restore it from \
                 a copy (guide, section on backup).",
            ),
            Self::Busy => (
                "Подождите и повторите. Один объект не ведёт двух вызовов сразу: второму потоку создайте свой объект.",
                "Wait and repeat. One object does not run two calls at once: give the second thread an object of its own.",
            ),
            Self::EgaisDocument => (
                "Исправьте данные документа: сообщение называет путь, правило и допустимое значение.",
                "Correct the data of the document: the message names path, rule and allowed value.",
            ),
            Self::Utm => (
                "Откройте адрес УТМ в браузере того же компьютера: видно, вставлен ли ключ и работает ли УТМ. Документ \
                 остаётся в очереди и уйдёт при следующем обмене.",
                "Open the address of UTM in a browser of the same machine: it tells whether the key is there and UTM works. The \
                 document stays in the queue and leaves with the next exchange.",
            ),
            Self::File => (
                "Проверьте путь и права того пользователя, от имени которого работает код: на сервере это учётная запись \
                 службы 1С.",
                "Check the path and the rights of the user the code runs as: on a server that is the account of the 1C service.",
            ),
            Self::Memory => (
                "Передавайте и получайте данные частями; 32-разрядному клиенту больших результатов не хватает памяти.",
                "Pass and take data in parts; a 32-bit client runs out of memory with large results.",
            ),
            Self::Internal => (
                "Пришлите разработчикам журнал за этот день (КаталогЖурнала) и порядок действий. Принятые данные не потеряны.",
                "Send the journal of that day (LogDirectory) and the steps to the developers. Accepted data are not lost.",
            ),
        }
    }
}
