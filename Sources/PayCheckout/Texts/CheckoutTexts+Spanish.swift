extension CheckoutTexts {
    static let spanish = CheckoutTexts(
        order: "Pedido",
        payBy: "Pagar antes de",
        timeLeft: "Tiempo restante",
        secure: "Cualquier persona que tenga este enlace puede pagar este pedido.",
        language: "Idioma",
        offline: "Sin conexión. Intentando de nuevo.",

        alipay: "Alipay",
        wechat: "WeChat Pay",
        stripe: "Tarjeta (Stripe)",
        sandbox: "Entorno de pruebas",
        withAlipay: ProviderTexts(
            company: "Alipay", scanTitle: "Escanee con Alipay",
            scanLead: "Abra Alipay en su teléfono, toque «Escanear» y apunte a este código.",
            openTitle: "Pagar con Alipay", openButton: "Continuar a Alipay"),
        withWeChat: ProviderTexts(
            company: "WeChat Pay", scanTitle: "Escanee con WeChat",
            scanLead: "Abra WeChat en su teléfono, toque + y «Escanear», y apunte a este código.",
            openTitle: "Pagar con WeChat Pay", openButton: "Continuar a WeChat Pay"),
        withStripe: ProviderTexts(
            company: "Stripe", scanTitle: "Escanee para pagar con tarjeta",
            scanLead: "Escanee este código con la cámara de su teléfono.",
            openTitle: "Pagar con tarjeta", openButton: "Pagar con tarjeta en Stripe"),
        withSandbox: ProviderTexts(
            company: "Entorno de pruebas", scanTitle: "Escanee para pagar en el entorno de pruebas",
            scanLead: "Escanee este código con la cámara de su teléfono. Es una prueba: no se mueve dinero real.",
            openTitle: "Pagar en el entorno de pruebas", openButton: "Continuar al entorno de pruebas"),

        scanTitle: "Escanee con {}",
        scanLead: "Abra {} en su teléfono y escanee este código.",
        codeLabel: "Código QR para pagar con {}",
        cannotScanHere: """
            Este código debe escanearse con otro dispositivo. Para pagar en este dispositivo, elija otra forma de pago \
            abajo.
            """,
        cannotScanHereAlone: "Este código debe escanearse con otro dispositivo.",
        codeIsDead: "¿El código no funciona?",
        codeIsDeadLead: "Un código nuevo sustituye a este.",
        freshCode: "Obtener un código nuevo",
        openTitle: "Pagar con {}",
        openLeadNewTab: """
            La página de pago se abre en una pestaña nueva. No cierre esta: le avisará cuando el pedido esté pagado.
            """,
        openLeadSameTab: "Continuará a {}. Esta página le avisará cuando el pedido esté pagado.",
        openButton: "Continuar a {}",
        newTab: "se abre en una pestaña nueva",
        invokeLead: "WeChat le pedirá que confirme el pago.",
        invokeButton: "Pagar con {}",
        needsScript: "Este paso necesita JavaScript, que está desactivado.",
        appTitle: "Continúe en la aplicación",
        appLead: "La aplicación continúa el pago a partir de aquí.",
        miniTitle: "Continúe en el miniprograma",
        miniLead: "El pago continúa en el miniprograma. Esta página le avisará cuando se haya realizado.",

        chooseTitle: "¿Cómo desea pagar?",
        chooseLead: "Elija una forma de pago. No se cobra nada hasta que usted lo confirme allí.",
        otherWays: "Otras formas de pago",
        noWays: """
            No hay ninguna forma de pago disponible en este dispositivo. Pruebe con otro dispositivo o vuelva a la \
            tienda.
            """,
        noTriesTitle: "No es posible otro intento",
        noTriesLead: "Si acaba de pagar, espere, por favor: esta página se lo indicará.",
        goOnTitle: "Continúe en este dispositivo",
        goOnLead: """
            El pago se abrió en un ordenador. Puede continuar aquí; es posible que se cierre la página del ordenador.
            """,
        openInBrowserTitle: "Abra esta página en el navegador",
        goOnButton: "Continuar con {}",
        renewTitle: "Esta página de pago ha caducado",
        renewLead: "Su pedido sigue pendiente. Obtenga una nueva página de pago para continuar.",
        renewButton: "Obtener una página nueva",
        movedTitle: "Continúa en otra pantalla",
        movedToPC: "El pago está abierto en un ordenador. Esta página le avisará cuando se haya realizado.",
        movedToPhone: "El pago está abierto en un teléfono. Esta página le avisará cuando se haya realizado.",
        movedToApp: "El pago está abierto en una aplicación. Esta página le avisará cuando se haya realizado.",
        movedToWeChat: "El pago está abierto en WeChat. Esta página le avisará cuando se haya realizado.",
        payHere: "Pagar aquí",
        notInWeChat: "Este pedido no se puede pagar dentro de WeChat.",
        inWeChat: """
            Para pagar de otra forma, abra esta página en el navegador: toque ··· arriba y después «Abrir en el \
            navegador».
            """,
        openInBrowser: "Ver las formas de pago del navegador",
        handoff: "Continuar en su teléfono",
        handoffLead: "Escanee este código con la cámara de su teléfono para continuar allí.",
        handoffLabel: "Código QR que abre esta página en su teléfono",

        workingTitle: "Un momento",
        workingLead: "Tarda unos segundos. No cierre esta página, por favor.",
        workingElsewhere: "El pago se está preparando en otra pantalla.",
        closingStep: "Cerrando la página de pago anterior",
        stillOpenStep: "Es posible que la página de pago anterior siga abierta. Por favor, no pague allí.",
        openingStep: "Solicitando una nueva página de pago a {}",
        done: "hecho",
        underWay: "en curso",
        unknownTitle: "Esperando a {}",
        unknownLead: "{} aún no ha dado una respuesta clara. Estamos consultando de nuevo; no tiene que hacer nada.",
        unknownLeadByHand: "{} aún no ha dado una respuesta clara. Puede intentarlo de nuevo.",
        unknownStay: "Hasta entonces, no pague de otra forma, por favor.",
        unknownElsewhere: "Si no desea esperar, puede pagar de otra forma con seguridad.",
        tryAgain: "Intentar de nuevo",
        checkAgain: "Comprobar de nuevo",

        timeUpTitle: "El plazo de pago ha terminado",
        timeUpLead: "Si acaba de pagar, esta página lo indicará en un momento. Por favor, no pague otra vez.",
        paidTitle: "Pagado",
        paidLead: "Gracias. {} ha recibido su pago.",
        paidAt: "Fecha de pago",
        closedTitle: "Este pedido se ha cerrado",
        closedLead: "La tienda ha cerrado este pedido. No queda nada por pagar.",
        expiredTitle: "Este pedido ha caducado",
        expiredLead: "No se pagó a tiempo. Si aún lo desea, haga un nuevo pedido.",
        goneTitle: "Este enlace ha caducado",
        goneLead: "Los enlaces de pago solo funcionan durante un tiempo. Puede ver su pedido en la tienda.",
        noLinkTitle: "Este enlace no funciona",
        noLinkLead: "Compruebe que tiene el enlace completo, o vuelva a la tienda y ábralo desde allí.",
        brokenTitle: "Esta página no se puede mostrar en este momento",
        brokenLead:
            "Se ha producido un error por nuestra parte. Vuelva a cargar esta página para ver el estado de su pedido.",
        backToShop: "Volver a la tienda",
        cancel: "Volver a la tienda sin pagar",
        mayClose: "Puede cerrar esta ventana.",

        refundedTitle: "Reembolsado",
        refundedLead: "{} le ha devuelto todo el importe.",
        refundsTitle: "Reembolsos",
        paidTwiceTitle: "Ha llegado un segundo pago",
        paidLateTitle: "Su pago llegó demasiado tarde",
        refundByShop: RefundPhrases(
            underWay: "La tienda le está devolviendo {}.",
            done: "La tienda le ha devuelto {}.",
            failed: "La tienda no ha podido devolverle {}. Consulte con la tienda, por favor."),
        refundOfDuplicate: RefundPhrases(
            underWay: "Ha llegado un segundo pago de {}. Se le está devolviendo.",
            done: "Ha llegado un segundo pago de {}. Se le ha devuelto.",
            failed: "Ha llegado un segundo pago de {} y no se ha podido devolver. Consulte con la tienda, por favor."),
        refundOfLate: RefundPhrases(
            underWay: "Llegó un pago de {} después de terminar este pedido. Se le está devolviendo.",
            done: "Llegó un pago de {} después de terminar este pedido. Se le ha devuelto.",
            failed: """
                Llegó un pago de {} después de terminar este pedido y no se ha podido devolver. Consulte con la tienda, \
                por favor.
                """),
        refundOfDispute: RefundPhrases(
            underWay: "Un pago de {} no coincidía con este pedido. Se le está devolviendo.",
            done: "Un pago de {} no coincidía con este pedido. Se le ha devuelto.",
            failed: """
                Un pago de {} no coincidía con este pedido y no se ha podido devolver. Consulte con la tienda, por favor.
                """),
        refundByProvider: RefundPhrases(
            underWay: "Se le está devolviendo {}.",
            done: "Se le ha devuelto {}.",
            failed: "No se ha podido devolverle {}. Consulte con la tienda, por favor."),

        refused: """
            Esta forma de pago no está disponible en este momento. No se ha cobrado nada. Inténtelo de nuevo o elija \
            otra.
            """,
        refusedForNow: "Esta forma de pago no está disponible en este momento. Inténtelo más tarde, por favor.",
        unavailable: """
            Esa forma de pago no está disponible en este momento. Elija otra o inténtelo más tarde, por favor.
            """,
        tooOften: "Demasiados intentos seguidos. Espere un momento e inténtelo de nuevo.",
        tooMany: "Ha habido demasiados intentos con este pedido. Vuelva a la tienda y haga un nuevo pedido.",
        unsafe: """
            La página que ya está abierta aún puede recibir su pago, por eso no se abre una segunda. Continúe en la \
            primera.
            """,
        busy: "Otra ventana está procesando este pago.",

        theShop: "La tienda",
        trust:
            "Usted confirma con el proveedor de pago. Esta página nunca pide una contraseña ni un número de tarjeta.",
        backToCode: "Volver al código de pago",
        openingNewStep: "Abriendo la nueva página de pago",
        failedWay: "No ha funcionado hace un momento",
        sendLater: "Sin conexión. Su elección se enviará en cuanto vuelva la conexión.",
        returning: "Volviendo a la tienda.",
        stayHere: "Quedarse en esta página",

        fiveMinutesLeft: "Quedan cinco minutos para pagar.",
        oneMinuteLeft: "Queda un minuto para pagar."
    )
}
