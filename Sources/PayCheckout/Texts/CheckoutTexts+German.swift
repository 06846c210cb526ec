extension CheckoutTexts {
    static let german = CheckoutTexts(
        order: "Bestellung",
        payBy: "Zahlbar bis",
        timeLeft: "Verbleibende Zeit",
        secure: "Jede Person, die diesen Link hat, kann diese Bestellung bezahlen.",
        language: "Sprache",
        offline: "Keine Verbindung. Es wird erneut versucht.",

        alipay: "Alipay",
        wechat: "WeChat Pay",
        stripe: "Karte (Stripe)",
        sandbox: "Sandbox",
        withAlipay: ProviderTexts(
            company: "Alipay", scanTitle: "Mit Alipay scannen",
            scanLead: "Öffnen Sie Alipay auf Ihrem Smartphone, tippen Sie auf „Scannen“ und erfassen Sie diesen Code.",
            openTitle: "Mit Alipay bezahlen", openButton: "Weiter zu Alipay"),
        withWeChat: ProviderTexts(
            company: "WeChat Pay", scanTitle: "Mit WeChat scannen",
            scanLead:
                "Öffnen Sie WeChat auf Ihrem Smartphone, tippen Sie auf + und „Scannen“ und erfassen Sie diesen Code.",
            openTitle: "Mit WeChat Pay bezahlen", openButton: "Weiter zu WeChat Pay"),
        withStripe: ProviderTexts(
            company: "Stripe", scanTitle: "Scannen und mit Karte bezahlen",
            scanLead: "Scannen Sie diesen Code mit der Kamera Ihres Smartphones.",
            openTitle: "Mit Karte bezahlen", openButton: "Mit Karte bei Stripe bezahlen"),
        withSandbox: ProviderTexts(
            company: "Sandbox", scanTitle: "Scannen und in der Sandbox bezahlen",
            scanLead: """
                Scannen Sie diesen Code mit der Kamera Ihres Smartphones. Dies ist ein Test, es fließt kein echtes Geld.
                """,
            openTitle: "In der Sandbox bezahlen", openButton: "Weiter zur Sandbox"),

        scanTitle: "Scannen mit {}",
        scanLead: "Öffnen Sie {} auf Ihrem Smartphone und scannen Sie diesen Code.",
        codeLabel: "QR-Code zum Bezahlen mit {}",
        cannotScanHere: """
            Dieser Code muss mit einem anderen Gerät gescannt werden. Um auf diesem Gerät zu bezahlen, wählen Sie unten \
            eine andere Zahlungsart.
            """,
        cannotScanHereAlone: "Dieser Code muss mit einem anderen Gerät gescannt werden.",
        codeIsDead: "Funktioniert der Code nicht?",
        codeIsDeadLead: "Ein neuer Code ersetzt diesen.",
        freshCode: "Neuen Code anfordern",
        openTitle: "Bezahlen mit {}",
        openLeadNewTab: """
            Die Zahlungsseite öffnet sich in einem neuen Tab. Lassen Sie diese Seite offen: Sie zeigt an, sobald die \
            Bestellung bezahlt ist.
            """,
        openLeadSameTab: "Sie werden zu {} weitergeleitet. Diese Seite zeigt an, sobald die Bestellung bezahlt ist.",
        openButton: "Weiter zu {}",
        newTab: "öffnet sich in einem neuen Tab",
        invokeLead: "WeChat bittet Sie, die Zahlung zu bestätigen.",
        invokeButton: "Mit {} bezahlen",
        needsScript: "Für diesen Schritt wird JavaScript benötigt. Es ist ausgeschaltet.",
        appTitle: "In der App fortfahren",
        appLead: "Die App führt die Zahlung von hier an weiter.",
        miniTitle: "Weiter im Mini-Programm",
        miniLead: "Die Zahlung geht im Mini-Programm weiter. Diese Seite zeigt an, sobald sie erfolgt ist.",

        chooseTitle: "Wie möchten Sie bezahlen?",
        chooseLead: "Wählen Sie eine Zahlungsart. Es wird nichts abgebucht, bevor Sie die Zahlung dort bestätigen.",
        otherWays: "Andere Zahlungsarten",
        noWays: """
            Auf diesem Gerät steht keine Zahlungsart zur Verfügung. Versuchen Sie es mit einem anderen Gerät, oder \
            kehren Sie zum Shop zurück.
            """,
        noTriesTitle: "Kein weiterer Versuch möglich",
        noTriesLead: "Falls Sie soeben bezahlt haben, warten Sie bitte: Diese Seite zeigt es an.",
        goOnTitle: "Auf diesem Gerät fortfahren",
        goOnLead: """
            Die Zahlung wurde an einem Computer geöffnet. Sie können hier fortfahren; die Seite dort wird \
            möglicherweise geschlossen.
            """,
        openInBrowserTitle: "Öffnen Sie diese Seite im Browser",
        goOnButton: "Weiter mit {}",
        renewTitle: "Diese Zahlungsseite ist abgelaufen",
        renewLead: "Ihre Bestellung ist noch offen. Mit einer neuen Zahlungsseite geht es weiter.",
        renewButton: "Neue Seite anfordern",
        movedTitle: "Auf einem anderen Bildschirm fortgesetzt",
        movedToPC: "Die Zahlung ist an einem Computer geöffnet. Diese Seite zeigt an, sobald sie erfolgt ist.",
        movedToPhone: "Die Zahlung ist auf einem Smartphone geöffnet. Diese Seite zeigt an, sobald sie erfolgt ist.",
        movedToApp: "Die Zahlung ist in einer App geöffnet. Diese Seite zeigt an, sobald sie erfolgt ist.",
        movedToWeChat: "Die Zahlung ist in WeChat geöffnet. Diese Seite zeigt an, sobald sie erfolgt ist.",
        payHere: "Stattdessen hier bezahlen",
        notInWeChat: "Diese Bestellung kann nicht in WeChat bezahlt werden.",
        inWeChat: """
            Für andere Zahlungsarten öffnen Sie diese Seite im Browser: Tippen Sie oben auf ··· und dann auf „Im \
            Browser öffnen“.
            """,
        openInBrowser: "Zahlungsarten für den Browser anzeigen",
        handoff: "Auf dem Smartphone fortfahren",
        handoffLead: "Scannen Sie diesen Code mit der Kamera Ihres Smartphones, um dort fortzufahren.",
        handoffLabel: "QR-Code, der diese Seite auf Ihrem Smartphone öffnet",

        workingTitle: "Einen Moment bitte",
        workingLead: "Das dauert einige Sekunden. Bitte lassen Sie diese Seite geöffnet.",
        workingElsewhere: "Die Zahlung wird auf einem anderen Bildschirm vorbereitet.",
        closingStep: "Die bisherige Zahlungsseite wird geschlossen",
        stillOpenStep: "Die bisherige Zahlungsseite ist möglicherweise noch offen. Bitte bezahlen Sie dort nicht.",
        openingStep: "Eine neue Zahlungsseite wird bei {} angefordert",
        done: "erledigt",
        underWay: "läuft",
        unknownTitle: "Warten auf {}",
        unknownLead: "{} hat noch nicht eindeutig geantwortet. Wir fragen erneut nach; Sie müssen nichts tun.",
        unknownLeadByHand: "{} hat noch nicht eindeutig geantwortet. Sie können es erneut versuchen.",
        unknownStay: "Bitte bezahlen Sie bis dahin nicht auf andere Weise.",
        unknownElsewhere: "Wenn Sie nicht warten möchten, können Sie unbesorgt eine andere Zahlungsart wählen.",
        tryAgain: "Erneut versuchen",
        checkAgain: "Erneut prüfen",

        timeUpTitle: "Die Zahlungsfrist ist abgelaufen",
        timeUpLead: """
            Falls Sie soeben bezahlt haben, zeigt diese Seite es gleich an. Bitte bezahlen Sie nicht noch einmal.
            """,
        paidTitle: "Bezahlt",
        paidLead: "Vielen Dank. {} hat Ihre Zahlung erhalten.",
        paidAt: "Bezahlt am",
        closedTitle: "Diese Bestellung wurde geschlossen",
        closedLead: "Der Shop hat diese Bestellung geschlossen. Sie müssen nichts mehr bezahlen.",
        expiredTitle: "Diese Bestellung ist abgelaufen",
        expiredLead: """
            Sie wurde nicht rechtzeitig bezahlt. Wenn Sie die Ware noch möchten, bestellen Sie bitte erneut.
            """,
        goneTitle: "Dieser Link ist abgelaufen",
        goneLead: "Zahlungslinks gelten nur für eine gewisse Zeit. Ihre Bestellung finden Sie im Shop.",
        noLinkTitle: "Dieser Link funktioniert nicht",
        noLinkLead: """
            Prüfen Sie, ob der Link vollständig ist, oder kehren Sie zum Shop zurück und öffnen Sie ihn von dort.
            """,
        brokenTitle: "Diese Seite kann gerade nicht angezeigt werden",
        brokenLead: """
            Bei uns ist ein Fehler aufgetreten. Bitte laden Sie diese Seite neu, um den Stand Ihrer Bestellung zu sehen.
            """,
        backToShop: "Zurück zum Shop",
        cancel: "Ohne Bezahlung zurück zum Shop",
        mayClose: "Sie können dieses Fenster schließen.",

        refundedTitle: "Erstattet",
        refundedLead: "{} hat Ihnen die gesamte Zahlung erstattet.",
        refundsTitle: "Erstattungen",
        paidTwiceTitle: "Eine zweite Zahlung ist eingegangen",
        paidLateTitle: "Ihre Zahlung kam zu spät",
        refundByShop: RefundPhrases(
            underWay: "Der Shop erstattet Ihnen {}.",
            done: "Der Shop hat Ihnen {} erstattet.",
            failed: "Der Shop konnte Ihnen {} nicht erstatten. Bitte wenden Sie sich an den Shop."),
        refundOfDuplicate: RefundPhrases(
            underWay: "Eine zweite Zahlung von {} ist eingegangen. Sie wird Ihnen gerade erstattet.",
            done: "Eine zweite Zahlung von {} ist eingegangen. Sie wurde Ihnen erstattet.",
            failed: """
                Eine zweite Zahlung von {} ist eingegangen und konnte nicht erstattet werden. Bitte wenden Sie sich an \
                den Shop.
                """),
        refundOfLate: RefundPhrases(
            underWay:
                "Eine Zahlung von {} ist nach dem Ende dieser Bestellung eingegangen. Sie wird Ihnen gerade erstattet.",
            done: "Eine Zahlung von {} ist nach dem Ende dieser Bestellung eingegangen. Sie wurde Ihnen erstattet.",
            failed: """
                Eine Zahlung von {} ist nach dem Ende dieser Bestellung eingegangen und konnte nicht erstattet werden. \
                Bitte wenden Sie sich an den Shop.
                """),
        refundOfDispute: RefundPhrases(
            underWay: "Eine Zahlung von {} passte nicht zu dieser Bestellung. Sie wird Ihnen gerade erstattet.",
            done: "Eine Zahlung von {} passte nicht zu dieser Bestellung. Sie wurde Ihnen erstattet.",
            failed: """
                Eine Zahlung von {} passte nicht zu dieser Bestellung und konnte nicht erstattet werden. Bitte wenden \
                Sie sich an den Shop.
                """),
        refundByProvider: RefundPhrases(
            underWay: "{} werden Ihnen gerade erstattet.",
            done: "{} wurden Ihnen erstattet.",
            failed: "{} konnten Ihnen nicht erstattet werden. Bitte wenden Sie sich an den Shop."),

        refused: """
            Diese Zahlungsart ist derzeit nicht verfügbar. Es wurde nichts abgebucht. Versuchen Sie es erneut, oder \
            wählen Sie eine andere.
            """,
        refusedForNow: "Diese Zahlungsart ist derzeit nicht verfügbar. Bitte versuchen Sie es später erneut.",
        unavailable: """
            Diese Zahlungsart ist derzeit nicht verfügbar. Bitte wählen Sie eine andere, oder versuchen Sie es später \
            erneut.
            """,
        tooOften: "Das war etwas zu oft. Bitte warten Sie einen Moment und versuchen Sie es dann erneut.",
        tooMany: """
            Für diese Bestellung gab es zu viele Versuche. Bitte kehren Sie zum Shop zurück und bestellen Sie erneut.
            """,
        unsafe: """
            Über die bereits geöffnete Seite kann Ihre Zahlung noch eingehen, deshalb wird keine zweite geöffnet. Bitte \
            fahren Sie dort fort.
            """,
        busy: "Ein anderes Fenster bearbeitet diese Zahlung gerade.",

        theShop: "Der Shop",
        trust:
            "Sie bestätigen die Zahlung beim Zahlungsanbieter. Diese Seite fragt nie nach Passwort oder Kartennummer.",
        backToCode: "Zurück zum Zahlungscode",
        openingNewStep: "Die neue Zahlungsseite wird geöffnet",
        failedWay: "Hat soeben nicht funktioniert",
        sendLater: "Keine Verbindung. Ihre Auswahl wird gesendet, sobald die Verbindung wieder besteht.",
        returning: "Sie werden zum Shop zurückgeleitet.",
        stayHere: "Auf dieser Seite bleiben",

        fiveMinutesLeft: "Noch fünf Minuten Zeit zum Bezahlen.",
        oneMinuteLeft: "Noch eine Minute Zeit zum Bezahlen."
    )
}
