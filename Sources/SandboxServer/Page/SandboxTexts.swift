import PayCore

/// Every text of the sandbox's page. Each language has one value of this type, so a missing text doesn't compile.
struct SandboxTexts: Sendable {
    let heading: String
    /// Says that it is a test page and no money moves.
    let test: String
    /// The subject stands for `{}`.
    let title: String
    /// The amount stands for `{}`.
    let pay: String
    let cancel: String
    let backToShop: String
    let trade: String
    let channel: String
    let language: String

    let paid: SandboxNewsTexts
    let alreadyPaid: SandboxNewsTexts
    let over: SandboxNewsTexts
    let gaveUp: SandboxNewsTexts
}

/// The words of the page after a button was pressed.
struct SandboxNewsTexts: Sendable {
    let heading: String
    let sentence: String
}

extension BuyerLanguage {
    var sandboxTexts: SandboxTexts {
        switch self {
        case .english: .english
        case .chinese: .chinese
        case .traditionalChinese: .traditionalChinese
        case .japanese: .japanese
        case .korean: .korean
        case .german: .german
        case .french: .french
        case .spanish: .spanish
        case .arabic: .arabic
        }
    }
}

extension SandboxTexts {
    fileprivate static let english = SandboxTexts(
        heading: "Sandbox payment", test: "This is a test page. No real money moves.", title: "Pay: {}", pay: "Pay {}",
        cancel: "Cancel", backToShop: "Back to the shop", trade: "Trade", channel: "Channel", language: "Language",
        paid: SandboxNewsTexts(heading: "Paid", sentence: "Thank you. This test payment is recorded as paid."),
        alreadyPaid: SandboxNewsTexts(heading: "Paid", sentence: "This trade was already paid."),
        over: SandboxNewsTexts(heading: "Not paid", sentence: "This trade can no longer be paid."),
        gaveUp: SandboxNewsTexts(
            heading: "Payment cancelled", sentence: "Nothing was paid. To pay, go back to the previous page."))

    fileprivate static let chinese = SandboxTexts(
        heading: "沙盒付款", test: "这是测试页面，不会产生真实扣款。", title: "付款：{}", pay: "支付 {}", cancel: "取消",
        backToShop: "返回商家", trade: "交易号", channel: "支付渠道", language: "语言",
        paid: SandboxNewsTexts(heading: "支付成功", sentence: "谢谢，此测试付款已记录为支付成功。"),
        alreadyPaid: SandboxNewsTexts(heading: "已支付", sentence: "此交易已经支付过。"),
        over: SandboxNewsTexts(heading: "未支付", sentence: "此交易已无法支付。"),
        gaveUp: SandboxNewsTexts(heading: "已取消付款", sentence: "没有付款。如需付款，请返回上一页。"))

    fileprivate static let traditionalChinese = SandboxTexts(
        heading: "沙盒測試付款", test: "這是測試頁面，不會實際扣款。", title: "付款：{}", pay: "支付 {}", cancel: "取消",
        backToShop: "返回商店", trade: "交易編號", channel: "付款管道", language: "語言",
        paid: SandboxNewsTexts(heading: "付款成功", sentence: "謝謝您，這筆測試付款已記錄為付款成功。"),
        alreadyPaid: SandboxNewsTexts(heading: "已付款", sentence: "這筆交易先前已經付款。"),
        over: SandboxNewsTexts(heading: "未付款", sentence: "這筆交易已無法付款。"),
        gaveUp: SandboxNewsTexts(heading: "已取消付款", sentence: "沒有付款。如要付款，請返回上一頁。"))

    fileprivate static let japanese = SandboxTexts(
        heading: "サンドボックスでのお支払い", test: "これはテストページです。実際のお金は動きません。", title: "お支払い：{}",
        pay: "{} を支払う", cancel: "キャンセル", backToShop: "ショップに戻る", trade: "取引番号", channel: "チャネル",
        language: "言語",
        paid: SandboxNewsTexts(
            heading: "お支払いが完了しました", sentence: "ありがとうございます。このテストのお支払いを記録しました。"),
        alreadyPaid: SandboxNewsTexts(heading: "お支払い済みです", sentence: "この取引はすでに支払われています。"),
        over: SandboxNewsTexts(heading: "支払われていません", sentence: "この取引はもう支払うことができません。"),
        gaveUp: SandboxNewsTexts(
            heading: "お支払いをキャンセルしました",
            sentence: "お支払いは行われていません。支払うには、前のページに戻ってください。"))

    fileprivate static let korean = SandboxTexts(
        heading: "샌드박스 결제", test: "테스트 페이지입니다. 실제 돈은 오가지 않습니다.", title: "결제: {}",
        pay: "{} 결제하기", cancel: "취소", backToShop: "상점으로 돌아가기", trade: "거래 번호", channel: "채널",
        language: "언어",
        paid: SandboxNewsTexts(
            heading: "결제가 완료되었습니다", sentence: "감사합니다. 이 테스트 결제가 완료로 기록되었습니다."),
        alreadyPaid: SandboxNewsTexts(heading: "이미 결제되었습니다", sentence: "이 거래는 이미 결제되었습니다."),
        over: SandboxNewsTexts(heading: "결제되지 않았습니다", sentence: "이 거래는 더 이상 결제할 수 없습니다."),
        gaveUp: SandboxNewsTexts(
            heading: "결제를 취소했습니다", sentence: "결제되지 않았습니다. 결제하려면 이전 페이지로 돌아가 주세요."))

    fileprivate static let german = SandboxTexts(
        heading: "Sandbox-Zahlung", test: "Dies ist eine Testseite. Es fließt kein echtes Geld.", title: "Bezahlen: {}",
        pay: "{} bezahlen", cancel: "Abbrechen", backToShop: "Zurück zum Shop", trade: "Transaktion",
        channel: "Kanal", language: "Sprache",
        paid: SandboxNewsTexts(
            heading: "Bezahlt", sentence: "Vielen Dank. Diese Testzahlung ist als bezahlt vermerkt."),
        alreadyPaid: SandboxNewsTexts(heading: "Bezahlt", sentence: "Diese Transaktion wurde bereits bezahlt."),
        over: SandboxNewsTexts(
            heading: "Nicht bezahlt", sentence: "Diese Transaktion kann nicht mehr bezahlt werden."),
        gaveUp: SandboxNewsTexts(
            heading: "Zahlung abgebrochen",
            sentence: "Es wurde nichts bezahlt. Um zu bezahlen, kehren Sie zur vorherigen Seite zurück."))

    fileprivate static let french = SandboxTexts(
        heading: "Paiement dans le bac à sable", test: "Ceci est une page de test. Aucun argent réel ne circule.",
        title: "Payer\u{A0}: {}", pay: "Payer {}", cancel: "Annuler", backToShop: "Retour à la boutique",
        trade: "Transaction", channel: "Canal", language: "Langue",
        paid: SandboxNewsTexts(
            heading: "Paiement effectué", sentence: "Merci. Ce paiement de test est enregistré comme payé."),
        alreadyPaid: SandboxNewsTexts(
            heading: "Paiement effectué", sentence: "Cette transaction avait déjà été payée."),
        over: SandboxNewsTexts(heading: "Non payé", sentence: "Cette transaction ne peut plus être payée."),
        gaveUp: SandboxNewsTexts(
            heading: "Paiement annulé",
            sentence: "Rien n’a été payé. Pour payer, revenez à la page précédente."))

    fileprivate static let spanish = SandboxTexts(
        heading: "Pago de prueba", test: "Esta es una página de prueba. No se mueve dinero real.", title: "Pagar: {}",
        pay: "Pagar {}", cancel: "Cancelar", backToShop: "Volver a la tienda", trade: "Transacción", channel: "Canal",
        language: "Idioma",
        paid: SandboxNewsTexts(heading: "Pagado", sentence: "Gracias. Este pago de prueba consta como pagado."),
        alreadyPaid: SandboxNewsTexts(heading: "Pagado", sentence: "Esta transacción ya estaba pagada."),
        over: SandboxNewsTexts(heading: "No pagado", sentence: "Esta transacción ya no se puede pagar."),
        gaveUp: SandboxNewsTexts(
            heading: "Pago cancelado", sentence: "No se ha pagado nada. Para pagar, vuelva a la página anterior."))

    fileprivate static let arabic = SandboxTexts(
        heading: "الدفع في بيئة الاختبار", test: "هذه صفحة اختبار. لا تُنقل أي أموال حقيقية.", title: "الدفع: {}",
        pay: "دفع {}", cancel: "إلغاء", backToShop: "العودة إلى المتجر", trade: "رقم المعاملة", channel: "القناة",
        language: "اللغة",
        paid: SandboxNewsTexts(heading: "تم الدفع", sentence: "شكرًا لك. سُجّلت هذه الدفعة التجريبية كمدفوعة."),
        alreadyPaid: SandboxNewsTexts(heading: "تم الدفع", sentence: "سبق دفع هذه المعاملة."),
        over: SandboxNewsTexts(heading: "لم يتم الدفع", sentence: "لم يعد بالإمكان دفع هذه المعاملة."),
        gaveUp: SandboxNewsTexts(
            heading: "أُلغي الدفع", sentence: "لم يُدفع أي مبلغ. للدفع، يُرجى العودة إلى الصفحة السابقة."))
}
