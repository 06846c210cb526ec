extension CheckoutTexts {
    /// A colon follows a no-break space (U+00A0); `;`, `!` and `?` follow a narrow one (U+202F).
    static let french = CheckoutTexts(
        order: "Commande",
        payBy: "À payer avant",
        timeLeft: "Temps restant",
        secure: "Toute personne disposant de ce lien peut payer cette commande.",
        language: "Langue",
        offline: "Pas de connexion. Nouvelle tentative en cours.",

        alipay: "Alipay",
        wechat: "WeChat Pay",
        stripe: "Carte bancaire (Stripe)",
        sandbox: "Bac à sable",
        withAlipay: ProviderTexts(
            company: "Alipay", scanTitle: "Scannez avec Alipay",
            scanLead: "Ouvrez Alipay sur votre téléphone, touchez «\u{A0}Scanner\u{A0}» et visez ce code.",
            openTitle: "Payer avec Alipay", openButton: "Continuer vers Alipay"),
        withWeChat: ProviderTexts(
            company: "WeChat Pay", scanTitle: "Scannez avec WeChat",
            scanLead: "Ouvrez WeChat sur votre téléphone, touchez + puis «\u{A0}Scanner\u{A0}» et visez ce code.",
            openTitle: "Payer avec WeChat Pay", openButton: "Continuer vers WeChat Pay"),
        withStripe: ProviderTexts(
            company: "Stripe", scanTitle: "Scannez pour payer par carte",
            scanLead: "Scannez ce code avec l’appareil photo de votre téléphone.",
            openTitle: "Payer par carte bancaire", openButton: "Payer par carte sur Stripe"),
        withSandbox: ProviderTexts(
            company: "Bac à sable", scanTitle: "Scannez pour payer dans le bac à sable",
            scanLead: """
                Scannez ce code avec l’appareil photo de votre téléphone. Ceci est un test, sans argent réel.
                """,
            openTitle: "Payer dans le bac à sable", openButton: "Continuer vers le bac à sable"),

        scanTitle: "Scannez avec {}",
        scanLead: "Ouvrez {} sur votre téléphone et scannez ce code.",
        codeLabel: "Code QR pour payer avec {}",
        cannotScanHere: """
            Ce code doit être scanné avec un autre appareil. Pour payer sur cet appareil, choisissez un autre moyen \
            ci-dessous.
            """,
        cannotScanHereAlone: "Ce code doit être scanné avec un autre appareil.",
        codeIsDead: "Ce code ne fonctionne pas\u{202F}?",
        codeIsDeadLead: "Un nouveau code remplacera celui-ci.",
        freshCode: "Obtenir un nouveau code",
        openTitle: "Payer avec {}",
        openLeadNewTab: """
            La page de paiement s’ouvre dans un nouvel onglet. Gardez celle-ci ouverte\u{A0}: elle vous indiquera quand la \
            commande sera payée.
            """,
        openLeadSameTab: "Vous allez continuer vers {}. Cette page vous indiquera quand la commande sera payée.",
        openButton: "Continuer vers {}",
        newTab: "s’ouvre dans un nouvel onglet",
        invokeLead: "WeChat vous demandera de confirmer le paiement.",
        invokeButton: "Payer avec {}",
        needsScript: "Cette étape nécessite JavaScript, qui est désactivé.",
        appTitle: "Continuez dans l’application",
        appLead: "L’application prend le relais du paiement.",
        miniTitle: "Continuez dans le mini-programme",
        miniLead: "Le paiement se poursuit dans le mini-programme. Cette page vous indiquera quand il sera effectué.",

        chooseTitle: "Comment souhaitez-vous payer\u{202F}?",
        chooseLead: "Choisissez un moyen de paiement. Rien n’est débité avant votre confirmation.",
        otherWays: "Autres moyens de paiement",
        noWays: """
            Aucun moyen de paiement n’est disponible sur cet appareil. Essayez avec un autre appareil ou revenez à la \
            boutique.
            """,
        noTriesTitle: "Aucune autre tentative n’est possible",
        noTriesLead: "Si vous venez de payer, veuillez patienter\u{A0}: cette page vous l’indiquera.",
        goOnTitle: "Continuez sur cet appareil",
        goOnLead: """
            Le paiement a été ouvert sur un ordinateur. Vous pouvez continuer ici\u{202F}; la page de l’ordinateur se fermera \
            peut-être.
            """,
        openInBrowserTitle: "Ouvrez cette page dans votre navigateur",
        goOnButton: "Continuer avec {}",
        renewTitle: "Cette page de paiement a expiré",
        renewLead: "Votre commande est toujours en attente. Demandez une nouvelle page de paiement pour continuer.",
        renewButton: "Obtenir une nouvelle page",
        movedTitle: "Suite sur un autre écran",
        movedToPC: "Le paiement est ouvert sur un ordinateur. Cette page vous indiquera quand il sera effectué.",
        movedToPhone: "Le paiement est ouvert sur un téléphone. Cette page vous indiquera quand il sera effectué.",
        movedToApp: "Le paiement est ouvert dans une application. Cette page vous indiquera quand il sera effectué.",
        movedToWeChat: "Le paiement est ouvert dans WeChat. Cette page vous indiquera quand il sera effectué.",
        payHere: "Payer plutôt ici",
        notInWeChat: "Cette commande ne peut pas être payée dans WeChat.",
        inWeChat: """
            Pour payer autrement, ouvrez cette page dans votre navigateur\u{A0}: touchez ··· en haut, puis «\u{A0}Ouvrir dans le \
            navigateur\u{A0}».
            """,
        openInBrowser: "Afficher les moyens pour navigateur",
        handoff: "Continuer sur votre téléphone",
        handoffLead: "Scannez ce code avec l’appareil photo de votre téléphone pour continuer là-bas.",
        handoffLabel: "Code QR qui ouvre cette page sur votre téléphone",

        workingTitle: "Un instant",
        workingLead: "Cela prend quelques secondes. Veuillez garder cette page ouverte.",
        workingElsewhere: "Le paiement est en préparation sur un autre écran.",
        closingStep: "Fermeture de l’ancienne page de paiement",
        stillOpenStep: "L’ancienne page de paiement est peut-être encore ouverte. Veuillez ne pas y payer.",
        openingStep: "Demande d’une nouvelle page de paiement à {}",
        done: "terminé",
        underWay: "en cours",
        unknownTitle: "En attente de {}",
        unknownLead: """
            {} n’a pas encore donné de réponse claire. Nous lui redemandons\u{202F}; vous n’avez rien à faire.
            """,
        unknownLeadByHand: "{} n’a pas encore donné de réponse claire. Vous pouvez réessayer.",
        unknownStay: "D’ici là, veuillez ne pas payer par un autre moyen.",
        unknownElsewhere: "Si vous ne souhaitez pas attendre, vous pouvez payer sans risque par un autre moyen.",
        tryAgain: "Réessayer",
        checkAgain: "Vérifier à nouveau",

        timeUpTitle: "Le délai de paiement est écoulé",
        timeUpLead:
            "Si vous venez de payer, cette page l’indiquera dans un instant. Veuillez ne pas payer une seconde fois.",
        paidTitle: "Paiement effectué",
        paidLead: "Merci. {} a reçu votre paiement.",
        paidAt: "Payé le",
        closedTitle: "Cette commande a été clôturée",
        closedLead: "La boutique a clôturé cette commande. Vous n’avez plus rien à payer.",
        expiredTitle: "Cette commande a expiré",
        expiredLead: "Elle n’a pas été payée à temps. Si vous la souhaitez toujours, veuillez commander à nouveau.",
        goneTitle: "Ce lien a expiré",
        goneLead:
            "Les liens de paiement ne sont valables qu’un certain temps. Votre commande est visible dans la boutique.",
        noLinkTitle: "Ce lien ne fonctionne pas",
        noLinkLead: "Vérifiez que le lien est complet, ou revenez à la boutique pour l’ouvrir à nouveau.",
        brokenTitle: "Cette page ne peut pas être affichée pour le moment",
        brokenLead: """
            Une erreur s’est produite de notre côté. Veuillez recharger cette page pour connaître l’état de votre \
            commande.
            """,
        backToShop: "Retour à la boutique",
        cancel: "Retour à la boutique sans payer",
        mayClose: "Vous pouvez fermer cette fenêtre.",

        refundedTitle: "Remboursé",
        refundedLead: "{} vous a remboursé la totalité de votre paiement.",
        refundsTitle: "Remboursements",
        paidTwiceTitle: "Un second paiement est arrivé",
        paidLateTitle: "Votre paiement est arrivé trop tard",
        refundByShop: RefundPhrases(
            underWay: "La boutique vous rembourse {}.",
            done: "La boutique vous a remboursé {}.",
            failed: "La boutique n’a pas pu vous rembourser {}. Veuillez la contacter."),
        refundOfDuplicate: RefundPhrases(
            underWay: "Un second paiement de {} est arrivé. Il est en cours de remboursement.",
            done: "Un second paiement de {} est arrivé. Il vous a été remboursé.",
            failed: "Un second paiement de {} est arrivé et n’a pas pu être remboursé. Veuillez contacter la boutique."),
        refundOfLate: RefundPhrases(
            underWay: "Un paiement de {} est arrivé après la fin de cette commande. Il est en cours de remboursement.",
            done: "Un paiement de {} est arrivé après la fin de cette commande. Il vous a été remboursé.",
            failed: """
                Un paiement de {} est arrivé après la fin de cette commande et n’a pas pu être remboursé. Veuillez \
                contacter la boutique.
                """),
        refundOfDispute: RefundPhrases(
            underWay: "Un paiement de {} ne correspondait pas à cette commande. Il est en cours de remboursement.",
            done: "Un paiement de {} ne correspondait pas à cette commande. Il vous a été remboursé.",
            failed: """
                Un paiement de {} ne correspondait pas à cette commande et n’a pas pu être remboursé. Veuillez contacter \
                la boutique.
                """),
        refundByProvider: RefundPhrases(
            underWay: "Un remboursement de {} est en cours.",
            done: "Un remboursement de {} a été effectué.",
            failed: "Un remboursement de {} n’a pas abouti. Veuillez contacter la boutique."),

        refused: """
            Ce moyen de paiement n’est pas disponible pour le moment. Rien n’a été débité. Veuillez réessayer ou en \
            choisir un autre.
            """,
        refusedForNow: "Ce moyen de paiement n’est pas disponible pour le moment. Veuillez réessayer plus tard.",
        unavailable: """
            Ce moyen de paiement n’est pas disponible pour le moment. Veuillez en choisir un autre ou réessayer plus \
            tard.
            """,
        tooOften: "C’était un peu trop fréquent. Veuillez patienter un instant, puis réessayer.",
        tooMany: "Trop de tentatives pour cette commande. Veuillez revenir à la boutique et commander à nouveau.",
        unsafe: """
            La page déjà ouverte peut encore recevoir votre paiement, c’est pourquoi aucune seconde page n’est ouverte. \
            Continuez sur la première.
            """,
        busy: "Une autre fenêtre traite ce paiement.",

        theShop: "La boutique",
        trust:
            "Vous confirmez auprès du prestataire de paiement. Cette page ne demande jamais de mot de passe ni de numéro de carte.",
        backToCode: "Revenir au code de paiement",
        openingNewStep: "Ouverture de la nouvelle page de paiement",
        failedWay: "N’a pas fonctionné à l’instant",
        sendLater: "Pas de connexion. Votre choix sera envoyé dès le retour de la connexion.",
        returning: "Retour à la boutique en cours.",
        stayHere: "Rester sur cette page",

        fiveMinutesLeft: "Il reste cinq minutes pour payer.",
        oneMinuteLeft: "Il reste une minute pour payer."
    )
}
